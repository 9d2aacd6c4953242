/**
 * Client system architectures that DHCP option 93 names (RFC 4578, section 2.1, and IANA's "Processor Architecture
 * Types"): which of a node's declared firmware modes it is, and what people call it.
 */
const ARCHITECTURES: Readonly<Record<number, { firmware: "uefi" | "bios" | undefined; name: string }>> = {
  0: { firmware: "bios", name: "x86 BIOS" },
  6: { firmware: undefined, name: "32-bit x86 UEFI" },
  7: { firmware: "uefi", name: "x86-64 UEFI" },
  9: { firmware: "uefi", name: "x86-64 UEFI" },
  10: { firmware: undefined, name: "32-bit ARM UEFI" },
  11: { firmware: "uefi", name: "64-bit ARM UEFI" },
  15: { firmware: undefined, name: "32-bit x86 UEFI, by HTTP" },
  16: { firmware: "uefi", name: "x86-64 UEFI, by HTTP" },
  18: { firmware: undefined, name: "32-bit ARM UEFI, by HTTP" },
  19: { firmware: "uefi", name: "64-bit ARM UEFI, by HTTP" },
  20: { firmware: "bios", name: "x86 BIOS, by HTTP" },
};

/** The processor of an architecture's boot files, where that is one of those that Flint boots. */
const PROCESSORS: Readonly<Record<number, "x86_64" | "aarch64">> = {
  0: "x86_64",
  7: "x86_64",
  9: "x86_64",
  11: "aarch64",
  16: "x86_64",
  19: "aarch64",
  20: "x86_64",
};

/** `7` → "x86-64 UEFI (7)". */
export function architectureName(architecture: number): string {
  const known = ARCHITECTURES[architecture];
  return known === undefined ? `an unknown architecture (${architecture})` : `${known.name} (${architecture})`;
}

/** Whether a firmware that reports this architecture is one that the node was declared with. */
export function fits(
  architecture: number,
  declared: { firmware: "uefi" | "bios"; processor: "x86_64" | "aarch64" },
): boolean {
  return ARCHITECTURES[architecture]?.firmware === declared.firmware && PROCESSORS[architecture] === declared.processor;
}

/** Whether a firmware that reports this architecture asks for UEFI HTTP boot. */
export function isHttpBoot(architecture: number): boolean {
  return ARCHITECTURES[architecture]?.name.endsWith(", by HTTP") === true;
}
