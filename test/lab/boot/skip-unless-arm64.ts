import { existsSync } from "node:fs";

/** iPXE for ARM is not everywhere: says so and skips the tests of the file otherwise. */
export function skipUnlessArm64(): void {
  before(function () {
    if ([process.env.FLINT_IPXE_ARM64 ?? "", "/usr/lib/ipxe/ipxe-arm64.efi"].some((path) => existsSync(path))) return;
    console.log("    SKIPPED: there is no iPXE for ARM on this machine, and the set-up could not fetch one");
    this.skip();
  });
}
