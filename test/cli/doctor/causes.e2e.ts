// limit: 1800 s
import assert from "node:assert/strict";
import { HTTP_BOOT } from "../../../providers/pxe-server/render/boot-files.js";
import { ROOT } from "./bench.js";
import {
  ADMITTED,
  bench,
  CAUSES,
  type Cause,
  INSTALLER,
  PRODUCTIONS,
  type Production,
  record,
  register,
} from "./productions.js";

const AT_ONCE = 4;

const isOnByCord = (cause: Cause) => PRODUCTIONS[cause].power !== "off" && PRODUCTIONS[cause].up === undefined;

describe("flint doctor: each cause, produced for real in the rack", function () {
  this.timeout(300_000);
  const own = (round: Production["round"]) =>
    CAUSES.filter((cause) => PRODUCTIONS[cause].on === undefined && (PRODUCTIONS[cause].round ?? "whole") === round);

  before(async function () {
    if (process.getuid?.() !== 0) {
      console.log("    SKIPPED: a rack needs root (network namespaces, a container)");
      return this.skip();
    }
    await bench.start();
  });
  after(() => bench.stop());

  const says = async (name: string, cause: Cause) => {
    const { says: told, stack, cause: named = cause } = PRODUCTIONS[cause];
    const { code, text } = await bench.comesTo(name, named, told, stack?.());
    assert.equal(code, 1);
    const wide = text.split("\n").filter((line) => line.length > 80 && !/\S{60}/.test(line));
    assert.deepEqual(wide, [], "lines wider than a terminal");
  };

  for (const round of ["whole", "damaged", "gone"] as const)
    describe(`with the host's boot files ${round}`, () => {
      before(async () => {
        for (const cause of own(round)) await register(cause);
        const files = `${ROOT}/tftp/snponly.efi ${ROOT}/http${HTTP_BOOT.path}`;
        if (round === "damaged") await bench.onHost(`head -c 100000 /dev/urandom | tee ${files} > /dev/null`);
        if (round === "gone") await bench.onHost(`rm ${files}`);
      });

      /** Each machine that is on takes a share of the processor: some are on while the first of them is asked. */
      let powered = 0;
      const powerOn = async (index: number) => {
        for (; powered < Math.min(index + AT_ONCE, own(round).length); powered++) {
          const cause = own(round)[powered];
          if (cause !== undefined && isOnByCord(cause)) await bench.lab("power", cause, "on");
        }
      };

      for (const [index, cause] of own(round).entries()) {
        const { up } = PRODUCTIONS[cause];
        if (up !== undefined) it(`${cause}: the error of \`pulumi up\``, () => bench.upFails(cause, up));
        it(`${cause}`, async () => {
          await powerOn(index);
          await says(cause, cause);
          if (cause !== "login-refused") await bench.lab("power", cause, "off");
        });
        if (cause === "no-link")
          it("and so does the error of `pulumi up`", async () => {
            const record = bench.record(cause);
            assert.equal(
              await bench.outcome({ do: "boot", want: bench.want(cause), record }),
              `no-link: expected the installer of no-link to answer ssh at ${bench.address(cause)} within 12 s but found no DHCP request on the wire; the card has no link, as its BMC says. Check the cable of the card with MAC ${bench.mac(cause)}, and that its switch port is enabled. [BOOT_TIMEOUT]`,
            );
            await bench.lab("power", cause, "off");
          });
        if (cause === "no-dhcp-request")
          it("a BMC that is frozen is left out", async () => {
            await bench.lab("fault", cause, "bmcFreezes");
            const { code, text } = await bench.examine(cause);
            assert.match(text, /\nBMC {10}does not tell\n/);
            assert.match(text, /\nCause: no-dhcp-request\n/);
            assert.equal(code, 1);
          });
        if (cause === "system-off")
          it("and so does the error of `pulumi up`", async () => {
            const { deadlines, ...want } = bench.want(cause);
            const soon = { ...want, deadlines: { ...deadlines, firstBoot: 3 } };
            assert.equal(
              await bench.outcome({ do: "first-boot", want: soon, record: bench.record(cause) }),
              `system-off: expected the installed system of system-off to answer ssh at ${bench.address(cause)} within 3 s but found that its power is off, as its BMC says. See the BMC's event log for why it went off; then run \`pulumi up\`: it switches an installed machine on. [FIRST_BOOT_TIMEOUT]`,
            );
          });
        for (const later of CAUSES.filter((each) => PRODUCTIONS[each].on === cause))
          it(`${later}`, async () => {
            await PRODUCTIONS[later].before?.(cause);
            await says(cause, later);
          });
        if (cause === "login-refused") {
          const admitted = { loginKey: ADMITTED, hostKeyPublic: INSTALLER.publicKey };
          it("none where the installer is up, or the installed system", async () => {
            await record(cause, { phase: "booting", installerKey: INSTALLER });
            const booting = await bench.examine(cause, admitted);
            assert.match(booting.text, /\nIt is fine: its installer is up\. `pulumi up` goes on from there\.$/);
            await record(cause, { phase: "ready", installerKey: undefined });
            const ready = await bench.examine(cause, admitted);
            assert.match(ready.text, /\nIt is fine: its installed system runs\.$/);
            assert.deepEqual([booting.code, ready.code], [0, 0]);
          });
        }
      }
    });
});
