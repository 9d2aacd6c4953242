import assert from "node:assert/strict";
import { FlintError } from "../../../foundation/errors.js";
import { installFailure } from "../../../providers/bare-metal-node/install-failure.js";
import { tls } from "../../drivers/bmc/redfish/bench.js";
import { startSshd, type TestSshd } from "../../drivers/ssh/sshd.js";
import { BmcOnLoopback, PASSWORD } from "../../lab/redfish/bmc-on-loopback.js";
import { storedNode } from "./stored-node.js";

describe("BareMetalNode: an installation that fails", () => {
  let installer: TestSshd;
  let bmc: BmcOnLoopback;
  const node = () => ({
    want: storedNode({
      bmc: { type: "redfish", url: bmc.url, ca: tls.ca },
      bmcDefaults: { username: "admin", password: PASSWORD },
    }),
    signal: new AbortController().signal,
    say() {},
    ask() {},
    host: () => Promise.reject(new Error("the host is not asked")),
  });

  before(async () => {
    installer = await startSshd("node04's installer");
    bmc = await BmcOnLoopback.start();
  });
  after(async () => {
    await installer[Symbol.asyncDispose]();
    await bmc.stop();
  });

  const told = async (said: string, target = installer.target) => {
    const error = await installFailure(
      node(),
      target,
      new FlintError("INSTALL_FAILED", {
        subject: "node04's installer",
        expected: 'nixos-anywhere to finish "copying the system"',
        found: `exit code 1: ${said}`,
        remedy: "See its console.",
      }),
    );
    assert.ok(error instanceof FlintError);
    assert.match(
      error.message,
      /^node04, installation: expected nixos-anywhere to finish "copying the system" but found exit code 1/,
    );
    return error.remedy;
  };

  for (const [said, remedy] of [
    ["error: writing to file: No space left on device", /^The system does not fit on the disk: declare a larger one/],
    ["mkfs.ext4: /dev/vda2: Input/output error", /^The disk or its cable is failing: .* declare the new one/],
    ["bash: line 1:   812 Killed   nix-store --import", /^The installer, which lives in memory, has too little of it/],
    [
      "error: unexpected end-of-file",
      /^The machine is still in the installer: see its console, mend the cause, and run/,
    ],
  ] as const)
    it(`is told with what to do about its cause: ${said}`, async () => {
      assert.match(await told(said), remedy);
    });

  it("is told as a restart or a lost network when the installer does not answer any more, whatever was said last", async () => {
    bmc.bmc.faults = { powerShown: "On" };
    const gone = { ...installer.target, port: 1 };
    assert.match(await told("No space left on device", gone), /^It has restarted, or its network is gone/);
  });

  it("is told as a power that is gone when its BMC shows it off", async () => {
    bmc.bmc.faults = { powerShown: "Off" };
    const gone = { ...installer.target, port: 1 };
    assert.match(await told("Connection to the machine was lost", gone), /^It has lost its power, or was switched off/);
  });
});
