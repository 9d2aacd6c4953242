import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { makeKeyPair } from "../../drivers/ssh/key-pair.js";
import { FlintError } from "../../foundation/errors.js";
import * as clusterKeys from "../../providers/cluster-keys/work.js";
import * as netbootImage from "../../providers/netboot-image/work.js";
import * as nodeIdentity from "../../providers/node-identity/work.js";
import { inPhase, inSharedPhase, PHASES, SHARED_PHASES } from "../../providers/phases.js";
import * as pxeServer from "../../providers/pxe-server/work.js";

const error = (subject: string) =>
  new FlintError("BMC_TIMEOUT", { subject, expected: "power on", found: "Off", remedy: "Look at it." });

const told = (subject: string) => {
  const named = inPhase("node04", "power on", error(subject));
  assert.ok(named instanceof FlintError);
  assert.equal(named.message, `${named.subject}: expected power on but found Off. Look at it. [BMC_TIMEOUT]`);
  return named.subject;
};

describe("the phase in the error of a machine", () => {
  it("stands after the machine, or after its address, and before what of it the error is about", () => {
    assert.equal(told("node04"), "node04, power on");
    assert.equal(told("node04, BMC at https://10.0.0.9"), "node04, power on, BMC at https://10.0.0.9");
    assert.equal(told("node04 at 10.0.0.4"), "node04 at 10.0.0.4, power on");
    assert.equal(told("node04 at 10.0.0.4, port"), "node04 at 10.0.0.4, power on, port");
  });

  it("stands before who knows nothing of the machine, or of what is done to it", () => {
    assert.equal(told("provisioning host, a command"), "node04, power on: provisioning host, a command");
    assert.equal(told("node04's installer, a command"), "node04, power on: node04's installer, a command");
    assert.equal(told("node041, a command"), "node04, power on: node041, a command");
    assert.equal(told("node04, which left cluster dev"), "node04, power on: node04, which left cluster dev");
  });

  it("is said once: whoever names it has named it, and an inner phase is the one that counts", () => {
    assert.equal(told("node04, power on"), "node04, power on");
    assert.equal(told("node04, power on, BMC"), "node04, power on, BMC");
    const inner = inPhase("node04", "wipe", error("node04"));
    assert.equal(inPhase("node04", "power on", inner), inner);
    assert.equal(inSharedPhase("publication", inner), inner);
  });

  it("of what all machines share stands first", () => {
    const named = inSharedPhase("preparation", error("provisioning host, a command"));
    assert.ok(named instanceof FlintError);
    assert.equal(named.subject, "preparation, provisioning host, a command");
    const own = error("preparation, provisioning host");
    assert.equal(inSharedPhase("preparation", own), own);
  });

  it("is none of what is no error of Flint's, as of a run that was cancelled", () => {
    const other = new Error("cancelled");
    assert.equal(inPhase("node04", "wipe", other), other);
    assert.equal(inSharedPhase("publication", other), other);
  });

  it("is one of those in docs/errors.md", () => {
    const page = readFileSync(resolve(__dirname, "../../../docs/errors.md"), "utf8");
    const [, list = ""] = /names the phase after it(.*?)\n\n/s.exec(page) ?? [];
    for (const phase of [...PHASES, ...SHARED_PHASES]) assert.ok(list.includes(`\`${phase}\``), phase);
  });

  describe("where the provisioning host does not answer,", () => {
    const login = makeKeyPair("nobody");
    const host = {
      name: "provisioning host",
      host: "127.0.0.1",
      port: 1,
      privateKey: login.privateKey,
      hostKeys: [login.publicKey],
    };
    const cluster = "dev";
    const keys = { loginKey: login, ca: "", caKey: "", clientCert: "", clientKey: "" };
    const run = <O>(operation: "create" | "delete") => ({
      operation,
      signal: new AbortController().signal,
      before: undefined as Partial<O> | undefined,
      say: () => {},
      info: () => {},
      warn: () => {},
      record: () => {},
    });
    const image = { cluster, profile: "worker", host, httpUrl: "http://127.0.0.1" } as const;
    const server = { cluster, host, interface: "lo", address: "127.0.0.1", cidr: "127.0.0.0/8" };
    const dhcp = { mode: "full" as const, leaseTime: 3600 };
    const pxe = { ...server, httpUrl: image.httpUrl, dhcp, dns: [], domain: "x" };
    const identity = { cluster, node: "node04", dnsNames: [], ipAddresses: [], ca: "", caKey: "", host };
    const cases: [string, string, () => Promise<unknown>][] = [
      [
        "keys are kept",
        "preparation, ",
        () => clusterKeys.converge({ cluster, host, sealedBy: "", ...keys, restored: {} }, run("create")),
      ],
      ["keys are removed", "removal, ", () => clusterKeys.remove({ cluster, host, sealedBy: "" }, run("delete"))],
      ["a server is set up", "preparation, ", () => pxeServer.converge(pxe, run("create"))],
      ["a server is removed", "removal, ", () => pxeServer.remove(pxe, run("delete"))],
      [
        "an image is removed",
        "removal, ",
        () =>
          netbootImage.remove({ ...image, source: { build: { flake: "", inputs: {}, digest: "" } } }, run("delete")),
      ],
      [
        "a machine's keys are made",
        "node04, making of its keys: ",
        () => nodeIdentity.converge(identity, run("create")),
      ],
    ];
    for (const [what, phase, work] of cases)
      it(`is told when ${what}`, async () => {
        await assert.rejects(work, (error) => {
          assert.ok(error instanceof FlintError);
          assert.ok(error.subject.startsWith(`${phase}provisioning host`), error.message);
          assert.equal(error.code, "SSH_UNREACHABLE");
          return true;
        });
      });
  });
});
