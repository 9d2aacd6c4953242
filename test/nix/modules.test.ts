import assert from "node:assert/strict";
import { CHECKOUT, evaluate, evaluateNode, LIBS, nodeEntry } from "./nix-evaluation.js";

const refused = (extra: string, message: string) =>
  assert.rejects(evaluateNode("config: { inherit (config) flint systemd; }", nodeEntry(1), extra), (e: Error) => {
    assert.equal(e.message, message);
    return true;
  });

describe("Flint's NixOS modules", function () {
  this.timeout("120 s");
  it("run all four services on the control plane, only PlasmaVMC on a worker", async () => {
    const running = "config: builtins.attrNames config.systemd.services";
    assert.deepEqual(await evaluateNode(running), [
      "chainfire",
      "chainfire-cluster-join",
      "cluster-health-check",
      "flaredb",
      "flaredb-cluster-join",
      "iam",
      "iam-initial-setup",
      "plasmavmc",
    ]);
    assert.deepEqual(await evaluateNode(running, nodeEntry(1, { profile: "worker" })), [
      "cluster-health-check",
      "plasmavmc",
    ]);
  });

  it("start the services in order, after the network is up", async () => {
    const after = await evaluateNode("config: builtins.mapAttrs (_: unit: unit.after) config.systemd.services");
    assert.partialDeepStrictEqual(after, {
      chainfire: ["network-online.target", "time-sync.target"],
      flaredb: ["network-online.target", "time-sync.target", "chainfire.service"],
      iam: ["network-online.target", "time-sync.target", "chainfire.service", "flaredb.service"],
      plasmavmc: ["network-online.target", "time-sync.target", "chainfire.service", "flaredb.service", "iam.service"],
    });
  });

  it("join a cluster once: the marker stops the second time", async () => {
    const unit = "config: config.systemd.services.chainfire-cluster-join";
    assert.partialDeepStrictEqual(await evaluateNode(unit), {
      requires: ["chainfire.service"],
      unitConfig: { ConditionPathExists: "!/var/lib/flint/.chainfire-joined" },
    });
  });

  it("lead a node's name to the cluster network where there is one, never to itself", async () => {
    assert.deepEqual(await evaluateNode("config: config.networking.hosts"), {
      "10.0.200.10": ["node01.dev.example.com", "node01"],
      "127.0.0.2": [],
      "::1": [],
    });
  });

  const alone = ["chainfire", "flaredb", "iam", "plasmavmc", "cluster-join", "health", "provisioning"];
  for (const lib of LIBS)
    it(`each bring what they need, imported alone (${lib.title})`, async () => {
      const units = await evaluate(`
        let
          lib = ${lib.expression};
          package = name: { type = "derivation"; inherit name; outPath = "/opt/\${name}"; };
          node = { name = "node01"; profile = "control-plane"; sshAuthorizedKeys = [ "ssh-ed25519 AAAA" ];
            networks.provisioning = { mac = "52:54:00:00:00:01"; address = "10.0.100.50"; }; };
          units = name: let
            evaluated = lib.evalModules { modules = [ (${CHECKOUT}/nix/modules + "/\${name}.nix") ${CHECKOUT}/nix/tests/nixos-options.nix {
              _module.args.pkgs = { bash = package "bash"; coreutils = package "coreutils"; curl = package "curl"; jq = package "jq"; };
              flint = { inherit node; cluster = { name = "dev"; domain = "dev.example.com"; }; };
            } ({ options, ... }: { services = builtins.intersectAttrs options.services (lib.genAttrs
              [ "chainfire" "flaredb" "iam" "plasmavmc" ] (service: { package = package service; })); }) ]; };
            config = evaluated.config;
          in builtins.deepSeq [ config.environment.etc config.networking config.systemd config.users ]
            { units = builtins.attrNames config.systemd.services; refused = map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions); };
        in lib.genAttrs [ ${alone.map((name) => `"${name}"`).join(" ")} ] units`);
      assert.deepEqual(units, {
        chainfire: { units: ["chainfire"], refused: [] },
        flaredb: { units: ["flaredb"], refused: [] },
        iam: { units: ["iam"], refused: [] },
        plasmavmc: { units: ["plasmavmc"], refused: [] },
        "cluster-join": {
          units: ["chainfire", "chainfire-cluster-join", "flaredb", "flaredb-cluster-join", "iam", "iam-initial-setup"],
          refused: [],
        },
        health: { units: ["chainfire", "cluster-health-check", "flaredb", "iam", "plasmavmc"], refused: [] },
        provisioning: { units: [], refused: [] },
      });
    });

  it("refuse a value of the wrong type", () =>
    refused(
      '{ services.chainfire.apiPort = "2379"; }',
      'The option `services.chainfire.apiPort\' must be a port number (0 to 65535); found "2379".',
    ));

  it("refuse an option that does not exist", () =>
    refused("{ services.chainfire.portt = 1; }", "The option `services.chainfire.portt' does not exist."));

  it("refuse two values for one option, unless one is forced", async () => {
    await refused(
      '{ flint.node.name = "node02"; }',
      'The option `flint.node.name\' has conflicting values: "node01", "node02".',
    );
    const forced = '{ lib, ... }: { flint.node.name = lib.mkForce "node02"; }';
    assert.equal(await evaluateNode("config: config.networking.hostName", nodeEntry(1), forced), "node02");
  });
});
