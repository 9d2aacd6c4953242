import type { PxeInputs } from "../schema.js";

/** Where a machine without a script of its own tells who it is. */
export const UNKNOWN_PATH = "/unknown";

const PROFILES = ["control-plane", "worker", "all-in-one"] as const;

/**
 * What every machine's iPXE loads: its own script, or for a machine without one a menu that goes on with the disk after
 * a few seconds, so that a machine nobody declared is never held up or changed. It tells who it is before, and is offered as
 * a candidate. Nothing in the menu writes to a disk. A word that begins with a hyphen would be an option of `echo`, and end the
 * script: each line begins with one that does not.
 */
export function renderBootIpxe(want: PxeInputs): string {
  return `#!ipxe
# Written by Flint for cluster ${want.cluster}. Changes are overwritten.
echo Flint ${want.cluster}: \${netX/mac} on \${platform}
chain --replace ${want.httpUrl}/nodes/\${netX/mac:hexhyp}.ipxe || goto unknown

:unknown
imgfetch --name seen ${want.httpUrl}${UNKNOWN_PATH}?mac=\${netX/mac:hexhyp}&serial=\${serial:uristring}&uuid=\${uuid}&manufacturer=\${manufacturer:uristring}&product=\${product:uristring} && imgfree seen ||

:menu
menu \${netX/mac} is not a machine of cluster ${want.cluster}
item disk Boot from disk
item show Show what identifies this machine
${PROFILES.map((profile) => `item ${profile} How to declare it as ${profile}`).join("\n")}
item shell iPXE shell
choose --default disk --timeout 5000 profile || goto disk
goto \${profile}

:disk
echo Booting from disk
iseq \${platform} efi && exit 1 ||
sanboot --no-describe --drive 0x80 || exit 1

:show
echo MAC \${netX/mac}  address \${netX/ip}
echo machine \${manufacturer} \${product}  serial \${serial}  uuid \${uuid}
prompt Press any key
goto menu

${PROFILES.map((profile) => `:${profile}`).join("\n")}
echo In the stack file, under nodes, with a name of your choice:
echo profile: \${profile}
echo mac: \${netX/mac}
echo serial: \${serial}
echo firmware: bios if this is pcbios, uefi if it is efi: \${platform}
echo addresses, disk, bmc: as docs/configuration.md tells
echo Then: pulumi up. Until then this machine is neither installed nor changed.
prompt Press any key
goto menu

:shell
shell
goto menu
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
