/** Debian's OVMF with a variable store of 4 MB. */
export const FIRMWARE_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd";
export const FIRMWARE_VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.fd";
/** The same with Secure Boot, which needs QEMU's system management mode, and Microsoft's keys enrolled. */
export const SECURE_FIRMWARE_CODE = "/usr/share/OVMF/OVMF_CODE_4M.ms.fd";
export const SECURE_FIRMWARE_VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.ms.fd";
/** Debian's for 64-bit ARM. */
export const ARM64_FIRMWARE_CODE = "/usr/share/AAVMF/AAVMF_CODE.fd";
export const ARM64_FIRMWARE_VARIABLES = "/usr/share/AAVMF/AAVMF_VARS.fd";
