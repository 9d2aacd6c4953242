import assert from "node:assert/strict";
import { evaluateNode, failedAssertions, LIBS, nodeEntry } from "../nix-evaluation.js";

const PACKAGES = "{ lib, ... }: { services.chainfire.package = lib.mkForce";

describe("The cluster's services", function () {
  this.timeout("120 s");
  for (const lib of LIBS)
    it(`run as users of their own, with keys as credentials and nothing from the store (${lib.title})`, async () => {
      const unit = await evaluateNode(
        "config: config.systemd.services.chainfire.serviceConfig",
        nodeEntry(1),
        "{ }",
        lib,
      );
      assert.partialDeepStrictEqual(unit, {
        User: "chainfire",
        Group: "chainfire",
        StateDirectory: "chainfire",
        StateDirectoryMode: "0700",
        LoadCredential: [
          "ca.crt:/etc/nixos/secrets/ca.crt",
          "node.crt:/etc/nixos/secrets/node.crt",
          "node.key:/etc/nixos/secrets/node.key",
          "cluster-config.json:/etc/nixos/secrets/cluster-config.json",
        ],
        ExecStart:
          "/opt/chainfire/bin/chainfire --config %d/cluster-config.json --tls-dir %d " +
          "--api-port 2379 --raft-port 2380 --state-dir /var/lib/chainfire",
        Restart: "always",
        RestartMaxDelaySec: 30,
      });
    });

  it("quote arguments as systemd reads them", async () => {
    const extra = '{ services.iam.extraArguments = [ "--name" "two words" "cost $5" "plain=1" ]; }';
    const command = await evaluateNode(
      "config: config.systemd.services.iam.serviceConfig.ExecStart",
      nodeEntry(1),
      extra,
    );
    assert.equal(
      command,
      "/opt/iam/bin/iam --config %d/cluster-config.json --tls-dir %d --port 8080 --flaredb-port 2479 " +
        '--name "two words" "cost $$5" plain=1',
    );
  });

  it("take limits, and no limit where none is given", async () => {
    const limits = "config: with config.systemd.services.flaredb.serviceConfig; [ LimitNOFILE TasksMax CPUWeight ]";
    const memory = 'config: config.systemd.services.flaredb.serviceConfig.MemoryMax or "none"';
    assert.deepEqual(await evaluateNode(limits), [65536, 8192, 500]);
    assert.equal(await evaluateNode(memory), "none");
    const extra = '{ services.flaredb.limits = { memoryMax = "4G"; openFiles = 262144; }; }';
    assert.deepEqual(await evaluateNode(limits, nodeEntry(1), extra), [262144, 8192, 500]);
    assert.equal(await evaluateNode(memory, nodeEntry(1), extra), "4G");
  });

  it("run without a sandbox where one says so, and still not as root", async () => {
    const look =
      "config: with config.systemd.services.chainfire; { inherit (serviceConfig) User; sandboxed = serviceConfig ? ProtectSystem; }";
    assert.deepEqual(await evaluateNode(look), { User: "chainfire", sandboxed: true });
    assert.deepEqual(await evaluateNode(look, nodeEntry(1), "{ services.chainfire.hardening = false; }"), {
      User: "chainfire",
      sandboxed: false,
    });
  });

  it("may do without a sandbox what they may do in it", async () => {
    const look = "config: config.systemd.services.plasmavmc.serviceConfig.AmbientCapabilities";
    const wanted = ["CAP_NET_ADMIN", "CAP_SYS_NICE", "CAP_IPC_LOCK"];
    assert.deepEqual(await evaluateNode(look), wanted);
    assert.deepEqual(await evaluateNode(look, nodeEntry(1), "{ services.plasmavmc.hardening = false; }"), wanted);
  });

  it("without a package are refused by name", async () => {
    const messages = await failedAssertions(nodeEntry(1, { profile: "worker" }), "{ }", []);
    assert.deepEqual(messages, [
      "services.plasmavmc.package: PlasmaVMC runs on node01 (profile worker), but there is no package for it. " +
        "Set services.plasmavmc.package in the modules that are given to mkCluster.",
    ]);
  });

  it("need no package where a command is given", async () => {
    const extra = '{ services.plasmavmc.command = [ "/bin/vmc" "run" ]; }';
    assert.deepEqual(await failedAssertions(nodeEntry(1, { profile: "worker" }), extra, []), []);
  });

  it("never read their keys from the store", async () => {
    const [message] = strings(await failedAssertions(nodeEntry(1), '{ flint.node.secrets = "/nix/store/x-secrets"; }'));
    assert.equal(
      message,
      "flint.node.secrets: /nix/store/x-secrets would be copied to the Nix store, which everyone on every machine can " +
        'read. Write the path as a string, as "/etc/nixos/secrets": it is a directory of the node, not of the flake.',
    );
    assert.equal(
      strings(await failedAssertions(nodeEntry(1), "{ flint.node.secrets = /etc/nixos/secrets; }")).length,
      1,
    );
    assert.deepEqual(await failedAssertions(nodeEntry(1), '{ flint.node.secrets = "/var/lib/secrets"; }'), []);
  });

  it("refuse a package that is none", () =>
    assert.rejects(
      evaluateNode("config: config.services.chainfire.package", nodeEntry(1), `${PACKAGES} "chainfire"; }`),
      new Error('The option `services.chainfire.package\' must be a package; found "chainfire".'),
    ));

  it("refuse nodes into which nobody could log in", async () => {
    assert.deepEqual(await failedAssertions(nodeEntry(1, { sshAuthorizedKeys: [] })), [
      "flint.node.sshAuthorizedKeys: nobody could log in to node01, not even Flint. Give at least one public key.",
    ]);
  });
});

function strings(value: unknown): string[] {
  assert.ok(Array.isArray(value));
  return value.map(String);
}
