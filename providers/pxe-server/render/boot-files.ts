/**
 * Boot files by the client architecture that the firmware reports (RFC 4578 and IANA's registry): DHCP option 93 →
 * dnsmasq tag, file, and the name that `pxe-service` has for it. dnsmasq calls 9 "X86-64_EFI" and 7 "BC_EFI"; firmware
 * sends 7 mostly, some sends 9.
 */
export const BOOT_FILES = [
  { arch: 0, tag: "bios", file: "undionly.kpxe", service: "X86PC" },
  { arch: 7, tag: "efi64", file: "snponly.efi", service: "BC_EFI" },
  { arch: 9, tag: "efi64", file: "snponly.efi", service: "X86-64_EFI" },
] as const;

/**
 * 64-bit ARM by TFTP (11) and by UEFI HTTP boot (19). Served where the host has the file: Debian's `ipxe` brings it from 13 on,
 * Ubuntu's from 22.04 on. dnsmasq's name for 11 in `pxe-service` is ARM64_EFI.
 */
export const ARM64 = { tftp: 11, http: 19, tag: "arm64", file: "ipxe-arm64.efi", service: "ARM64_EFI" } as const;

/** UEFI HTTP boot, x86-64: the firmware fetches this file from the web server. */
export const HTTP_BOOT = { arch: 16, tag: "efihttp", path: "/boot/snponly.efi" } as const;
