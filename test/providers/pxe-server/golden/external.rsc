# Flint, cluster dev: network boot by RouterOS 7.16 or newer, of 10.0.100.0/24.
# Correct the names of your DHCP server and its pool, then `/import` this file.
:local server "dhcp1"
:local pool "pool1"
/ip dhcp-server network set [find where address=10.0.100.0/24] next-server=10.0.100.1
/ip dhcp-server option add name=flint-dev-tftp code=66 force=yes value="s'10.0.100.1'"
/ip dhcp-server option add name=flint-dev-ipxe-file code=67 force=yes value="s'http://10.0.100.1/boot.ipxe'"
/ip dhcp-server option sets add name=flint-dev-ipxe options=flint-dev-tftp,flint-dev-ipxe-file
/ip dhcp-server matcher add name=flint-dev-ipxe server=$server address-pool=$pool code=77 matching-type=substring value=iPXE option-set=flint-dev-ipxe
/ip dhcp-server option add name=flint-dev-bios-file code=67 force=yes value="s'undionly.kpxe'"
/ip dhcp-server option sets add name=flint-dev-bios options=flint-dev-tftp,flint-dev-bios-file
/ip dhcp-server matcher add name=flint-dev-bios-0 server=$server address-pool=$pool code=60 matching-type=substring value=PXEClient:Arch:00000 option-set=flint-dev-bios
/ip dhcp-server option add name=flint-dev-efi64-file code=67 force=yes value="s'snponly.efi'"
/ip dhcp-server option sets add name=flint-dev-efi64 options=flint-dev-tftp,flint-dev-efi64-file
/ip dhcp-server matcher add name=flint-dev-efi64-7 server=$server address-pool=$pool code=60 matching-type=substring value=PXEClient:Arch:00007 option-set=flint-dev-efi64
/ip dhcp-server matcher add name=flint-dev-efi64-9 server=$server address-pool=$pool code=60 matching-type=substring value=PXEClient:Arch:00009 option-set=flint-dev-efi64
/ip dhcp-server option add name=flint-dev-efihttp-file code=67 force=yes value="s'http://10.0.100.1/boot/snponly.efi'"
/ip dhcp-server option add name=flint-dev-efihttp-class code=60 force=yes value="s'HTTPClient'"
/ip dhcp-server option sets add name=flint-dev-efihttp options=flint-dev-efihttp-class,flint-dev-efihttp-file
/ip dhcp-server matcher add name=flint-dev-efihttp-16 server=$server address-pool=$pool code=60 matching-type=substring value=HTTPClient:Arch:00016 option-set=flint-dev-efihttp
/ip dhcp-server option add name=flint-dev-arm64-file code=67 force=yes value="s'ipxe-arm64.efi'"
/ip dhcp-server option sets add name=flint-dev-arm64 options=flint-dev-tftp,flint-dev-arm64-file
/ip dhcp-server matcher add name=flint-dev-arm64-11 server=$server address-pool=$pool code=60 matching-type=substring value=PXEClient:Arch:00011 option-set=flint-dev-arm64
/ip dhcp-server option add name=flint-dev-arm64http-file code=67 force=yes value="s'http://10.0.100.1/boot/ipxe-arm64.efi'"
/ip dhcp-server option add name=flint-dev-arm64http-class code=60 force=yes value="s'HTTPClient'"
/ip dhcp-server option sets add name=flint-dev-arm64http options=flint-dev-arm64http-class,flint-dev-arm64http-file
/ip dhcp-server matcher add name=flint-dev-arm64http-19 server=$server address-pool=$pool code=60 matching-type=substring value=HTTPClient:Arch:00019 option-set=flint-dev-arm64http
/ip dhcp-server lease add server=$server mac-address=52:54:00:00:00:01 address=10.0.100.50 comment=node01
/ip dhcp-server lease add server=$server mac-address=52:54:00:00:00:02 address=10.0.100.51 comment=node02
