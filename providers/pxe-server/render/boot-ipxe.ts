import type { PxeInputs } from "../schema.js";

/**
 * What every machine's iPXE loads: its own script, or for a machine without one a menu that goes on with the disk after
 * a few seconds, so that a machine nobody declared is never held up or changed.
 */
export function renderBootIpxe(want: PxeInputs): string {
  return `#!ipxe
# Written by Flint for cluster ${want.cluster}. Changes are overwritten.
echo Flint ${want.cluster}: \${netX/mac} on \${platform}
chain --replace ${want.httpUrl}/nodes/\${netX/mac:hexhyp}.ipxe || goto unknown

:unknown
menu \${netX/mac} is not a machine of cluster ${want.cluster}
item disk Boot from disk
item show Show what identifies this machine
item shell iPXE shell
choose --default disk --timeout 5000 selected || goto disk
goto \${selected}

:disk
echo Booting from disk
iseq \${platform} efi && exit 1 ||
sanboot --no-describe --drive 0x80 || exit 1

:show
echo MAC \${netX/mac}  address \${netX/ip}
echo \${manufacturer} \${product}  serial \${serial}  uuid \${uuid}
prompt Press any key
goto unknown

:shell
shell
goto unknown
`;
}

/** What newer iPXE looks for over TFTP beside its own file; a missing file would halt some. */
export function renderAutoexec(want: PxeInputs): string {
  return `#!ipxe
# Written by Flint for cluster ${want.cluster}. Changes are overwritten.
isset \${netX/ip} || dhcp || exit 1
chain --replace ${want.httpUrl}/boot.ipxe || exit 1
`;
}
