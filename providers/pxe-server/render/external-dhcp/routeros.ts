import { architectureBoots, type ExternalDhcp, iPxeScript } from "./boot-options.js";

/**
 * For RouterOS 7.16 or newer (its manual, "Option matcher", and the CLI reference of /ip/dhcp-server). Firmware names its
 * architecture at the beginning of option 60, too (PXE 2.1, 2.2.2), which matchers compare as text. iPXE says in option 60 what
 * firmware says, and who it is in option 77: which matcher applies where two fit by different options the manual does not tell,
 * so iPXE's goes first. A matcher without a pool would leave clients without a static lease without an address.
 */
export function renderRouterOs(dhcp: ExternalDhcp): string {
  const name = (part: string) => `flint-${dhcp.cluster}-${part}`;
  const boots = architectureBoots(dhcp);
  const option = (part: string, code: number, value: string) =>
    `/ip dhcp-server option add name=${name(part)} code=${code} force=yes value="s'${value}'"`;
  const set = (part: string, ...options: string[]) =>
    `/ip dhcp-server option sets add name=${name(part)} options=${options.map(name).join(",")}`;
  const matcher = (part: string, suffix: string, how: string) =>
    `/ip dhcp-server matcher add name=${name(`${part}${suffix}`)} server=$server address-pool=$pool ${how} option-set=${name(part)}`;
  return [
    `# Flint, cluster ${dhcp.cluster}: network boot by RouterOS 7.16 or newer, of ${dhcp.cidr}.`,
    "# Correct the names of your DHCP server and its pool, then `/import` this file.",
    ':local server "dhcp1"',
    ':local pool "pool1"',
    `/ip dhcp-server network set [find where address=${dhcp.cidr}] next-server=${dhcp.address}`,
    option("tftp", 66, dhcp.address),
    option("ipxe-file", 67, iPxeScript(dhcp)),
    set("ipxe", "tftp", "ipxe-file"),
    matcher("ipxe", "", "code=77 matching-type=substring value=iPXE"),
    ...boots.flatMap(({ name: part, architectures, file, vendorClass }) => [
      option(`${part}-file`, 67, file),
      ...(vendorClass === undefined ? [] : [option(`${part}-class`, 60, vendorClass)]),
      set(part, ...(vendorClass === undefined ? ["tftp"] : [`${part}-class`]), `${part}-file`),
      ...architectures.map((code) => {
        const value = `${vendorClass ?? "PXEClient"}:Arch:${String(code).padStart(5, "0")}`;
        return matcher(part, `-${code}`, `code=60 matching-type=substring value=${value}`);
      }),
    ]),
    ...dhcp.machines.map(
      ({ name: machine, mac, address }) =>
        `/ip dhcp-server lease add server=$server mac-address=${mac.toUpperCase()} address=${address} comment=${machine}`,
    ),
    "",
  ].join("\n");
}
