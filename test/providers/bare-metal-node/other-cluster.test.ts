import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SshSession } from "../../../drivers/ssh/target.js";
import {
  belongsElsewhere,
  type Elsewhere,
  registeredElsewhere,
} from "../../../providers/bare-metal-node/other-cluster.js";
import { recordFile } from "../../../providers/bare-metal-node/record.js";
import {
  bootScriptPath,
  NO_IMAGE,
  renderDiskScript,
  renderInstallScript,
} from "../../../providers/bare-metal-node/render/boot-script.js";
import { hostHere } from "../host-here.js";

const MAC = "52:54:00:00:00:02";
const SECOND = "52:54:00:00:01:02";

/** Directories of several clusters in a real file system, looked through by a real shell. */
describe("BareMetalNode: a machine that another cluster on the same provisioning host has", () => {
  let directory: string;
  const host: SshSession = {
    ...hostHere(),
    readFile: async (file) => (existsSync(file) ? readFileSync(file) : undefined),
  };
  const rootOf = (cluster: string) => path.join(directory, cluster);
  const find = () =>
    registeredElsewhere(host, {
      mac: MAC,
      pxe: { root: rootOf("own") },
      data: { networks: { cluster: { mac: SECOND } } },
    });
  const scriptOf = (cluster: string, mac: string) => path.join(rootOf(cluster), "http", bootScriptPath(mac));
  const installed = (name: string) => renderDiskScript({ name, firmware: "uefi", httpUrl: "http://10.0.100.1" });
  const begun = (node: string, mac: string) =>
    renderInstallScript({
      node,
      mac,
      address: "10.0.100.51",
      httpUrl: "http://10.0.100.1",
      nonce: "1a",
      image: NO_IMAGE,
    });
  const elsewhere = (differences: Partial<Elsewhere> = {}): Elsewhere => ({
    cluster: "prod",
    node: "node07",
    mac: MAC,
    finished: true,
    files: [
      `${rootOf("prod")}/dnsmasq/hosts.d/node07`,
      `${rootOf("prod")}/nodes/node07`,
      scriptOf("prod", differences.mac ?? MAC),
    ],
    ...differences,
  });

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), "flint-clusters-"));
    await host.writeFile(scriptOf("own", MAC), installed("node02"));
    await host.writeFile(scriptOf("prod", "52:54:00:00:00:09"), installed("node09"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("is found in none where only its own cluster has it", async () => {
    assert.equal(await find(), undefined);
  });

  it("is found by its card, installed or begun", async () => {
    await host.writeFile(scriptOf("prod", MAC), installed("node07"));
    assert.deepEqual(await find(), elsewhere());
    await host.writeFile(scriptOf("prod", MAC), begun("node07", MAC));
    assert.deepEqual(await find(), elsewhere({ finished: false }));
  });

  it("is found by the card that is on this cluster's second network", async () => {
    await host.writeFile(scriptOf("prod", SECOND), installed("node07"));
    assert.deepEqual(await find(), elsewhere({ mac: SECOND }));
  });

  it("is not found where that node has another machine by now, or the script is none of Flint's", async () => {
    await host.writeFile(scriptOf("prod", MAC), installed("node07"));
    const { path: record, content } = recordFile(rootOf("prod"), {
      ...{ version: 1, node: "node07", mark: "flint-00000000", nonce: "1a", phase: "ready" },
      mac: "52:54:00:00:00:0a",
    });
    await host.writeFile(record, content);
    assert.equal(await find(), undefined);
    await host.writeFile(scriptOf("prod", MAC), "#!ipxe\nexit\n");
    assert.equal(await find(), undefined);
  });

  it("is not found in a copy of its own cluster's directory that somebody has kept, nor by a script of a machine whose name is a path", async () => {
    await host.writeFile(scriptOf("own.bak", MAC), installed("node02"));
    await host.writeFile(scriptOf("prod", MAC), installed(".."));
    assert.equal(await find(), undefined);
  });

  it("is nobody's after what its refusal says", async () => {
    await host.writeFile(scriptOf("prod", MAC), installed("node07"));
    const found = await find();
    assert.ok(found);
    const [, command] = /`(rm -rf [^`]+)`/.exec(belongsElsewhere("node02", found).message) ?? [];
    assert.ok(command);
    execFileSync("sh", ["-c", command]);
    assert.equal(await find(), undefined);
    assert.ok(existsSync(scriptOf("own", MAC)) && existsSync(scriptOf("prod", "52:54:00:00:00:09")));
  });

  it("is refused with the cluster that has it, and with what lets it go", () => {
    const files = ["/var/lib/flint/prod/nodes/node07", "/var/lib/flint/prod/http/nodes/52-54-00-00-00-02.ipxe"];
    assert.equal(
      belongsElsewhere("node02", elsewhere({ finished: false, files })).message,
      "node02, the machine with MAC 52:54:00:00:00:02: expected one that no other cluster on this provisioning host has but found that cluster prod has begun to install it as node07. " +
        "Declare it in one cluster only. To take it over, take node07 out of cluster prod first (`pulumi up` there without it, or `pulumi destroy`; where that changes nothing, as after a run that was killed, `pulumi up` with it before): it leaves its services, and is let go. " +
        "If that cluster is no more, forget it on the provisioning host: `rm -rf /var/lib/flint/prod/nodes/node07 /var/lib/flint/prod/http/nodes/52-54-00-00-00-02.ipxe`. Nothing was changed. [NODE_REGISTERED]",
    );
  });
});
