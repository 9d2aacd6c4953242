import assert from "node:assert/strict";
import fc from "fast-check";
import { distributionOf, howToInstall } from "../../../providers/pxe-server/distribution.js";
import { parseOsRelease } from "../../../providers/pxe-server/parse-os-release.js";

const DEBIAN = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
ID=debian
HOME_URL="https://www.debian.org/"
`;
const MINT = `NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n`;
const NIXOS = `ANSI_COLOR="0;38;2;126;186;228"\nID=nixos\nID_LIKE=""\nNAME=NixOS\nPRETTY_NAME="NixOS 25.05 (Warbler)"\n`;
const FEDORA = `NAME="Fedora Linux"\nID=fedora\nPRETTY_NAME="Fedora Linux 41 (Server Edition)"\n`;
const ALPINE = `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\n`;

describe("os-release", () => {
  it("tells what a host is, and what it is derived from", () => {
    assert.deepEqual(parseOsRelease(DEBIAN), { id: "debian", like: [], name: "Debian GNU/Linux 12 (bookworm)" });
    assert.deepEqual(parseOsRelease(MINT), { id: "linuxmint", like: ["ubuntu", "debian"], name: "Linux Mint" });
    assert.deepEqual(parseOsRelease(NIXOS), { id: "nixos", like: [], name: "NixOS 25.05 (Warbler)" });
    assert.deepEqual(parseOsRelease("# nothing\n\n"), { id: "linux", like: [], name: "linux" });
    const families = [DEBIAN, MINT, NIXOS, FEDORA, ALPINE].map((text) => distributionOf(parseOsRelease(text)));
    assert.deepEqual(families, ["debian", "debian", "nixos", "other", "other"]);
    assert.equal(distributionOf(undefined), "debian");
  });

  it("a line ends where it ends for a shell", () => {
    for (const separator of ["\u2028", "\u2029", "\u0085"])
      assert.equal(parseOsRelease(`ID="a${separator}b"\n`).id, `a${separator}b`);
  });

  it("reads values as a shell would, whatever is in them", () => {
    const value = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\n\r\0]/g, " "));
    const double = (text: string) => `"${text.replace(/["\\$`]/g, "\\$&")}"`;
    const single = (text: string) => `'${text.replaceAll("'", "")}'`;
    const noise = fc.constantFrom("", "# ID=comment", "no assignment", "1ID=x", "LOGO=x", "\t");
    fc.assert(
      fc.property(value, noise, (text, line) => {
        const read = (quoted: string) => parseOsRelease(`${line}\nID=${quoted}\n${line}`);
        assert.equal(read(double(text)).id, text === "" ? "linux" : text);
        assert.equal(read(single(text)).id, text.replaceAll("'", "") || "linux");
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => typeof parseOsRelease(text).id === "string"));
  });

  it("decides what to do about missing programs", () => {
    assert.match(howToInstall(parseOsRelease(DEBIAN)), /^Let Flint install them/);
    assert.equal(
      howToInstall(parseOsRelease(NIXOS)),
      "Put them into the host's configuration and switch it: `environment.systemPackages = with pkgs; " +
        "[ dnsmasq nginx curl iproute2 perl ]; environment.etc.ipxe.source = " +
        'pkgs.ipxe.override { additionalTargets."bin-x86_64-efi/snponly.efi" = null; };`',
    );
    assert.equal(
      howToInstall(parseOsRelease(FEDORA)),
      "Flint installs packages on Debian and Ubuntu only. Install them there and set pxe.prepare: false; " +
        "boot files are looked for in /usr/lib/ipxe and /usr/share/ipxe, or put them into /etc/ipxe.",
    );
  });
});
