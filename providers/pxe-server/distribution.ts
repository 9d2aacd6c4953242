import type { OsRelease } from "./parse-os-release.js";

/** What Flint does on a host differs by this alone. */
export type Distribution = "debian" | "nixos" | "other";

/** Debian, Ubuntu and what is derived from them; NixOS; all others. A host that says nothing is taken for Debian's kind. */
export function distributionOf(os: OsRelease | undefined): Distribution {
  if (os === undefined) return "debian";
  const names = [os.id, ...os.like];
  if (names.includes("debian") || names.includes("ubuntu")) return "debian";
  return names.includes("nixos") ? "nixos" : "other";
}

/** What NixOS must have in its configuration: nothing can be installed there from outside. nixpkgs' ipxe has no snponly.efi of its own. */
export const NIXOS_CONFIGURATION =
  "environment.systemPackages = with pkgs; [ dnsmasq nginx curl iproute2 perl ]; " +
  'environment.etc.ipxe.source = pkgs.ipxe.override { additionalTargets."bin-x86_64-efi/snponly.efi" = null; };';

/** Where distributions put iPXE's boot files, Debian's place first, then `environment.etc` of NixOS, Fedora's and Arch's. */
export const IPXE_FILES = {
  "undionly.kpxe": ["/usr/lib/ipxe/undionly.kpxe", "/etc/ipxe/undionly.kpxe", "/usr/share/ipxe/undionly.kpxe"],
  "snponly.efi": [
    "/usr/lib/ipxe/snponly.efi",
    "/etc/ipxe/snponly.efi",
    "/usr/share/ipxe/ipxe-snponly-x86_64.efi",
    "/usr/share/ipxe/x86_64/snponly.efi",
  ],
  "ipxe.efi": [
    "/usr/lib/ipxe/ipxe.efi",
    "/etc/ipxe/ipxe.efi",
    "/usr/share/ipxe/ipxe-x86_64.efi",
    "/usr/share/ipxe/x86_64/ipxe.efi",
  ],
  "ipxe-arm64.efi": ["/usr/lib/ipxe/ipxe-arm64.efi", "/etc/ipxe/ipxe-arm64.efi", "/usr/share/ipxe/arm64-efi/ipxe.efi"],
} as const satisfies Record<string, readonly string[]>;

/** What to do where programs or boot files are missing. */
export function howToInstall(os: OsRelease | undefined): string {
  switch (distributionOf(os)) {
    case "debian":
      return "Let Flint install them (pxe.prepare: true), or run `apt-get install dnsmasq-base nginx-light ipxe curl iproute2` there.";
    case "nixos":
      return `Put them into the host's configuration and switch it: \`${NIXOS_CONFIGURATION}\``;
    case "other":
      return (
        "Flint installs packages on Debian and Ubuntu only. Install them there and set pxe.prepare: false; " +
        `boot files are looked for in ${["/usr/lib/ipxe", "/usr/share/ipxe"].join(" and ")}, or put them into /etc/ipxe.`
      );
  }
}
