import { architectureBoots, type ExternalDhcp, iPxeScript } from "./boot-options.js";

/**
 * For ISC dhcpd 4 (dhcpd.conf(5), dhcp-eval(5)): a group, so that other machines of its networks keep what they have. The
 * subnet itself is the administrator's.
 */
export function renderIscDhcpd(dhcp: ExternalDhcp): string {
  const boots = architectureBoots(dhcp).flatMap(({ architectures, file, vendorClass }) => [
    `  } elsif ${architectures.map((code) => `option flint-client-arch = ${bytes(code)}`).join(" or ")} {`,
    ...(vendorClass === undefined ? [] : [`    option vendor-class-identifier "${vendorClass}";`]),
    `    filename "${file}";`,
  ]);
  return [
    `# Flint, cluster ${dhcp.cluster}: network boot by ISC dhcpd. Goes beside the subnet ${dhcp.cidr}.`,
    "option flint-client-arch code 93 = unsigned integer 16;",
    "group {",
    `  next-server ${dhcp.address};`,
    '  if option user-class = "iPXE" {',
    `    filename "${iPxeScript(dhcp)}";`,
    ...boots,
    "  }",
    ...dhcp.machines.map(
      ({ name, mac, address }) => `  host ${name} { hardware ethernet ${mac}; fixed-address ${address}; }`,
    ),
    "}",
    "",
  ].join("\n");
}

/** 16 → `00:10`, as dhcpd compares options. */
function bytes(code: number): string {
  const hex = code.toString(16).padStart(4, "0");
  return `${hex.slice(0, 2)}:${hex.slice(2)}`;
}
