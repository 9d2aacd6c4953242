import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeKeyPair } from "../../../drivers/ssh/key-pair.js";
import type { SshTarget } from "../../../drivers/ssh/target.js";
import { FlintError } from "../../../foundation/errors.js";
import { blameServers } from "../../../providers/bare-metal-node/blame-servers.js";
import { NodeContext } from "../../../providers/bare-metal-node/context.js";
import type { StoredNode } from "../../../providers/bare-metal-node/schema.js";
import { connections } from "../../../providers/runtime/connections.js";
import { startSshd, type TestSshd } from "../../drivers/ssh/sshd.js";
import { freePort } from "../../loopback.js";
import { quietRun } from "./quiet-run.js";
import { storedNode } from "./stored-node.js";

const DID_NOT_COME = new FlintError("BOOT_TIMEOUT", {
  subject: "node04",
  expected: "the installer of node04 to answer ssh at 127.0.0.97 within 600 s",
  found: "power on, no DHCP request",
  remedy: "Check its cable.",
});
const EXPECTED = "node04: expected the installer of node04 to answer ssh at 127.0.0.97 within 600 s";
const [DNSMASQ, NGINX] = ["flint-dev-dnsmasq.service", "flint-dev-nginx.service"];

describe("BareMetalNode: of a machine that did not come, its provisioning host", function () {
  this.timeout(120_000);
  /** What the host runs instead of systemd's program, and what that was told to start. */
  const bin = mkdtempSync(join(tmpdir(), "flint-blame-"));
  const started = join(bin, "started");
  let sshd: TestSshd;

  before(async () => {
    mkdirSync(join(bin, "dnsmasq"));
    sshd = await startSshd("provisioning host", [`SetEnv PATH=${bin}:/usr/sbin:/usr/bin:/sbin:/bin`]);
  });
  after(async () => {
    connections.close();
    await sshd?.[Symbol.asyncDispose]();
    rmSync(bin, { recursive: true });
  });
  beforeEach(() => writeFileSync(started, ""));

  /** @param running Units that run. @param starting What becomes of a start. */
  function systemd(running: readonly string[], starting = `echo "$3" >> ${started}`): void {
    const active = running.map((unit) => `"is-active --quiet -- ${unit}") exit 0;;`);
    writeFileSync(
      join(bin, "systemctl"),
      `#!/bin/sh\ncase "$*" in ${active.join(" ")} "is-active "*) exit 3;; esac\n${starting}\n`,
    );
    chmodSync(join(bin, "systemctl"), 0o755);
  }

  function blame(
    host: Partial<SshTarget> = {},
    { signal = new AbortController().signal, warned = [] }: { signal?: AbortSignal; warned?: string[] } = {},
  ) {
    const want: StoredNode = {
      ...storedNode({ bmc: { type: "manual" } }),
      host: { ...sshd.target, ...host },
      pxe: { httpUrl: "http://127.0.0.1", root: bin },
    };
    const run = quietRun({ signal, warn: (text) => void warned.push(text) });
    return blameServers(new NodeContext<StoredNode>(want, run), DID_NOT_COME);
  }

  it("is not mentioned where its servers run", async () => {
    systemd([DNSMASQ, NGINX]);
    assert.equal(await blame(), DID_NOT_COME);
    assert.equal(readFileSync(started, "utf8"), "");
  });

  it("is named where a server of it had ended, which is started again", async () => {
    systemd([NGINX]);
    const warned: string[] = [];
    const error = await blame({}, { warned });
    assert.equal(
      error.message,
      `${EXPECTED} but found power on, no DHCP request; ${DNSMASQ} did not run on provisioning host. ` +
        "They were started again: see their journal there for why they ended, then run `pulumi up` again. [BOOT_TIMEOUT]",
    );
    assert.equal(error.cause, DID_NOT_COME);
    assert.equal(readFileSync(started, "utf8"), `${DNSMASQ}\n`);
    assert.deepEqual(warned, [`${DNSMASQ} did not run on provisioning host: started. See the journal there.`]);
  });

  it("is named where both servers had ended", async () => {
    systemd([]);
    assert.match((await blame()).message, new RegExp(`; ${DNSMASQ} and ${NGINX} did not run on provisioning host\\. `));
  });

  it("is named with why its servers do not start", async () => {
    systemd([NGINX], "echo 'Unit is masked.' >&2; exit 1");
    assert.equal(
      (await blame()).message,
      `${EXPECTED} but found power on, no DHCP request; the boot servers on provisioning host do not start ` +
        "(exit code 1: Unit is masked.). Run `pulumi refresh`, then `pulumi up`: it sets them up again. [BOOT_TIMEOUT]",
    );
  });

  it("is named where it does not answer", async () => {
    const port = await freePort();
    assert.equal(
      (await blame({ port })).message,
      `${EXPECTED} but found power on, no DHCP request; provisioning host does not answer ssh (connection refused). ` +
        `Check that provisioning host is up, that 127.0.0.1 is its address, and that nothing blocks port ${port}. ` +
        "Machines boot from it. [BOOT_TIMEOUT]",
    );
  });

  it("is named where it lets nobody in", async () => {
    const { privateKey } = makeKeyPair("of somebody else");
    assert.equal(
      (await blame({ privateKey })).message,
      `${EXPECTED} but found power on, no DHCP request; provisioning host lets nobody ask it (a refusal). ` +
        `Add the key's public half to ~${sshd.target.user}/.ssh/authorized_keys on provisioning host. ` +
        "Machines boot from it. [BOOT_TIMEOUT]",
    );
  });

  it("is not judged by a run that is ended meanwhile", async () => {
    const ended = new Error("cancelled");
    await assert.rejects(blame({ port: await freePort() }, { signal: AbortSignal.abort(ended) }), ended);
  });
});
