import assert from "node:assert/strict";
import { FlintError } from "../../../foundation/errors.js";
import type { BmcUser } from "../../../providers/bare-metal-node/bmc.js";
import { blamePower } from "../../../providers/bare-metal-node/lost-power.js";
import { tls } from "../../drivers/bmc/redfish/bench.js";
import { BmcOnLoopback, PASSWORD } from "../../lab/redfish/bmc-on-loopback.js";
import { storedNode } from "./stored-node.js";

describe("BareMetalNode: a machine that is not reached any more", () => {
  let bmc: BmcOnLoopback;
  const notCome = (code: string) =>
    new FlintError(code, {
      subject: "node04",
      expected: "the installed system of node04 to answer ssh at 10.0.100.53 within 20 min",
      found: "no answer at all",
      remedy: "Look at the machine's console.",
    });
  const node = (password = PASSWORD): BmcUser => ({
    want: storedNode({
      bmc: { type: "redfish", url: bmc.url, ca: tls.ca },
      bmcDefaults: { username: "admin", password },
    }),
    signal: new AbortController().signal,
    say() {},
    ask() {},
    host: () => Promise.reject(new Error("the host is not asked")),
  });

  before(async () => {
    bmc = await BmcOnLoopback.start();
  });
  after(() => bmc.stop());

  it("and whose BMC shows it off is told as one without power", async () => {
    bmc.bmc.faults = { powerShown: "Off" };
    const error = await blamePower(node(), notCome("SSH_UNREACHABLE"));
    assert.ok(error instanceof FlintError);
    assert.equal(
      error.message,
      "node04: expected the installed system of node04 to answer ssh at 10.0.100.53 within 20 min but found no answer at all; its " +
        "BMC shows it off. It has lost its power, or was switched off: see its BMC's event log, mend the cause, then run " +
        `\`pulumi up\` again: it is switched on, and goes on from here. [SSH_UNREACHABLE]`,
    );
  });

  it("and that is on, or whose BMC lets nobody in, or that failed otherwise, is told as before", async () => {
    const error = notCome("SSH_UNREACHABLE");
    bmc.bmc.faults = { powerShown: "On" };
    assert.equal(await blamePower(node(), error), error);
    bmc.bmc.faults = { powerShown: "Off" };
    assert.equal(await blamePower(node("wrong-password"), error), error);
    const other = notCome("SERVICE_UNHEALTHY");
    assert.equal(await blamePower(node(), other), other);
  });
});
