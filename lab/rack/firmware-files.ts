/** Debian's OVMF with a variable store of 4 MB. */
export const FIRMWARE_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd";
export const FIRMWARE_VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.fd";
