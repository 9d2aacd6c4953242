import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BOOT_CAUSES,
  type BootCause,
  type Facts,
  isAtLeast,
  type Sight,
} from "../../../../providers/bare-metal-node/wire/causes.js";
import { ADDRESS, INITRD, KERNEL, MAC, of, SCRIPT } from "./sights.js";

describe("BareMetalNode: whatever is seen of a boot, in any order,", () => {
  const asker = fc.constantFrom("firmware", "ipxe", "system", undefined);
  const mine = { mac: fc.constantFrom(MAC, "52:54:00:00:00:02"), address: fc.constantFrom(ADDRESS, "10.0.100.51") };
  const sight: fc.Arbitrary<Sight> = fc.oneof(
    fc.record({
      kind: fc.constant("dhcp" as const),
      message: fc.constantFrom("DHCPDISCOVER", "DHCPOFFER", "DHCPREQUEST", "DHCPACK", "DHCPNAK", "DHCPDECLINE", "PXE"),
      mac: mine.mac,
      address: fc.option(mine.address, { nil: undefined }),
      asker,
      architecture: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
      note: fc.option(fc.constant("no address available"), { nil: undefined }),
    }),
    fc.record({ kind: fc.constant("tftp-begun" as const), address: mine.address }),
    fc.record({
      kind: fc.constant("tftp" as const),
      file: fc.constantFrom("/t/snponly.efi", "/t/undionly.kpxe", "/t/autoexec.ipxe"),
      address: mine.address,
      ok: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant("http" as const),
      uri: fc.constantFrom("/boot.ipxe", "/boot/ipxe.efi", SCRIPT, KERNEL, INITRD, `/keys/${ADDRESS}/ab.cpio`, "/x"),
      address: mine.address,
      status: fc.constantFrom(200, 206, 403, 404, 500),
      bytes: fc.integer({ min: 0, max: 70_000_000 }),
    }),
    fc.record({ kind: fc.constant("sending" as const), address: mine.address, bytes: fc.nat() }),
    fc.record({
      kind: fc.constant("answer" as const),
      answer: fc.constantFrom("installer", "installer-refuses", "system", "system-refuses", "stranger"),
    }),
  );
  const facts: fc.Arbitrary<Facts> = fc.record(
    {
      power: fc.constantFrom("on", "off"),
      link: fc.constantFrom("up", "down"),
      memory: fc.integer({ min: 1, max: 4096 }),
      otherServers: fc.array(fc.ipV4(), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );

  it("there is exactly one cause, in whole sentences", () => {
    fc.assert(
      fc.property(fc.array(sight), facts, (sights, asked) => {
        const { cause, found, remedy } = of(sights, asked);
        assert.equal(BOOT_CAUSES.filter((each) => each === cause).length, 1);
        assert.match(remedy, /^[A-Z].*\.$/);
        assert.doesNotMatch(found, /undefined|NaN|^$/);
      }),
      { numRuns: 1000 },
    );
  });

  it("seeing more never leads to an earlier cause", () => {
    fc.assert(
      fc.property(fc.array(sight), facts, (sights, asked) => {
        sights.reduce<BootCause>((before, _, index) => {
          const { cause } = of(sights.slice(0, index + 1), asked);
          assert.ok(isAtLeast(cause, before), `${before}, then ${cause}`);
          return cause;
        }, of([], asked).cause);
      }),
      { numRuns: 1000 },
    );
  });

  it("what other machines do changes nothing", () => {
    const others = sight.filter(
      (each) => each.kind !== "answer" && (each.kind === "dhcp" ? each.mac !== MAC : each.address !== ADDRESS),
    );
    fc.assert(
      fc.property(fc.array(others), facts, (sights, asked) => {
        assert.deepEqual(of(sights, asked), of([], asked));
      }),
    );
  });
});
