import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { buildImage } from "../../../drivers/nix/build-image.js";
import { buildSystems, type SystemRequest } from "../../../drivers/nix/build-systems.js";
import type { BuiltSystem } from "../../../drivers/nix/driver.js";
import { buildAttributes } from "../../../drivers/nix/flake.js";
import type { FlintError } from "../../../foundation/errors.js";
import { FakePrograms } from "./fake-program.js";
import { FlakeFixture } from "./flake-fixture.js";
import { needNix } from "./real-nix.js";

const options = { deadlineMs: 60_000 };

describe("nix driver: building, with the real nix", function () {
  this.timeout(120_000);
  let fixture: FlakeFixture;

  before(function () {
    const reason = needNix();
    if (reason !== undefined) {
      console.warn(`SKIPPED: ${reason}`);
      this.skip();
    }
    fixture = new FlakeFixture();
  });
  after(() => fixture?.[Symbol.dispose]());

  const request = (node: string, data: object = {}): SystemRequest => ({
    source: fixture.source,
    cluster: { name: "dev", domain: "dev.example.com" },
    node,
    data: { profile: "worker", disk: { serial: `DISK-${node}` }, ...data },
  });
  const built = (answer: BuiltSystem | FlintError | undefined): BuiltSystem => {
    if (answer === undefined || answer instanceof Error) return assert.fail(String(answer));
    return answer;
  };

  it("builds two nodes with one call of nix, each from its own data", async () => {
    using programs = new FakePrograms({
      nix: `case $1 in build) echo build >> "$FLINT_TEST_CALLS";; esac\nPATH=\${PATH#*:} exec nix "$@"`,
    });
    process.env.FLINT_TEST_CALLS = programs.at("calls");
    const progress: string[] = [];
    const answers = await buildSystems([request("node01"), request("node02")], {
      ...options,
      onProgress: (text) => progress.push(text),
    });
    assert.equal(readFileSync(programs.at("calls"), "utf8"), "build\n");
    const [one, two] = [built(answers[0]), built(answers[1])];
    assert.match(one.toplevel, /^\/nix\/store\/[a-z0-9]{32}-nixos-system-node01$/);
    assert.match(two.diskoScript, /^\/nix\/store\/[a-z0-9]{32}-disko-node02$/);
    assert.deepEqual(JSON.parse(readFileSync(two.toplevel, "utf8")), {
      name: "node02",
      node: { profile: "worker", disk: { serial: "DISK-node02" } },
      domain: "dev.example.com",
    });
    assert.equal(readFileSync(one.diskoScript, "utf8"), '{"serial":"DISK-node01"}');
    assert.ok(one.closureBytes > 80 && one.closureBytes < 2000, `${one.closureBytes} bytes`);
    assert.deepEqual(progress.toSorted(), [
      "building disko-node01.drv",
      "building disko-node02.drv",
      "building nixos-system-node01.drv",
      "building nixos-system-node02.drv",
    ]);
  });

  it("a node's system is the same whichever others are built with it", async () => {
    const [alone] = await buildSystems([request("node01")], options);
    const [, , among] = await buildSystems([request("node02"), request("node03"), request("node01")], options);
    assert.deepEqual(among, alone);
  });

  it("a node that fails leaves the others built, and is told by name with nix's own words", async () => {
    const [good, bad] = await buildSystems([request("node01"), request("node02", { note: "FAIL" })], options);
    assert.match(built(good).toplevel, /-nixos-system-node01$/);
    assert.ok(bad instanceof Error);
    const message = bad.message.replace(/\/nix\/store\/[a-z0-9]{32}/g, "/nix/store/…");
    assert.match(
      message,
      new RegExp(
        `^flake ${fixture.directory}: expected a successful build but found error: the system of node02 was not built; .*nixos-system-node02\\.drv' failed`,
      ),
    );
    assert.match(message, / Run the same `nix build` by hand to see the whole log\. \[NIX_BUILD\]$/);
  });

  it("names an attribute that the flake does not have", async () => {
    const attribute = "packages.x86_64-linux.netboot-nothing";
    await assert.rejects(buildAttributes(fixture.source, [attribute], options), {
      name: "FlintError",
      message:
        `flake ${fixture.directory}: expected the attributes ${attribute} but found no attribute ` +
        `'packages.x86_64-linux.${attribute}', 'legacyPackages.x86_64-linux.${attribute}' or '${attribute}'. ` +
        "Add it to the flake's outputs, or correct system.flake in the stack file. [NIX_ATTRIBUTE_MISSING]",
    });
  });

  it("an error of the flake itself is told in nix's words", async () => {
    await assert.rejects(buildAttributes(fixture.source, ["packages.x86_64-linux.throws"], options), (error) => {
      assert.match(
        String(error),
        /^FlintError: flake \S+: expected a successful build but found .*thrown on purpose.*\[NIX_BUILD\]$/s,
      );
      return true;
    });
  });

  it("an image, here one that the flake holds ready, comes with its manifest", async () => {
    const { path, ...image } = await buildImage(fixture.source, "worker", options);
    assert.match(path, /^\/nix\/store\/[a-z0-9]{32}-source$/);
    assert.deepEqual(image, {
      version: 1,
      arch: "x86_64",
      kernel: { file: "bzImage", size: 1, sha256: "a".repeat(64) },
      initrd: { file: "initrd", size: 2, sha256: "b".repeat(64) },
      cmdline: "init=/init",
    });
  });

  const manifest = (profile: string, found: RegExp) =>
    it(`an image whose manifest is not as described is refused: ${profile}`, async () => {
      await assert.rejects(buildImage(fixture.source, profile, options), (error) => {
        assert.ok(error instanceof Error);
        const [, subject, told, remedy] =
          /^(\S+): expected a manifest with version 1, arch, kernel, initrd and cmdline but found (.*)\. (Let .*)$/.exec(
            error.message,
          ) ?? assert.fail(error.message);
        assert.match(subject ?? "", /^\/nix\/store\/[a-z0-9]{32}-[a-z-]+\/manifest\.json$/);
        assert.match(told ?? "", found);
        assert.equal(
          remedy,
          `Let the flake's netboot-${profile} write manifest.json as described in docs/configuration.md. [IMAGE_MANIFEST]`,
        );
        return true;
      });
    });
  manifest("all-in-one", /^no such file$/);
  manifest("control-plane", /Invalid input: expected 1 .*at version/);

  it("is cancelled at once", async () => {
    const reason = new Error("cancelled");
    await assert.rejects(
      buildSystems([request("node01")], { ...options, signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });

  it("leaves nothing behind in the temporary directory", async () => {
    const mine = () =>
      readdirSync(tmpdir()).filter((name) => /^flint-(build|cluster)-/.test(name) && name.includes(`-${process.pid}-`));
    const before = mine();
    await buildSystems([request("node01"), request("node02", { note: "FAIL again" })], options);
    assert.deepEqual(mine(), before);
  });
});
