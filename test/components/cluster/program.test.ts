import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { readSpec } from "../../../providers/runtime/spec-text.js";
import { at, inputsOf, isSecret, plain, program, registered, resolved } from "./mocked-program.js";
import { nodeOf, sampleCluster, sampleNode } from "./sample.js";

describe("ClusterComponent", function () {
  this.timeout(120_000);

  it("registers two resources for a worker and four for a voter", async () => {
    await program(sampleCluster());
    const three = new Set(registered.keys());
    await program(sampleCluster((cluster) => Object.assign(cluster.nodes, { node04: sampleNode(4) })));
    const added = [...registered.keys()].filter((name) => !three.has(name)).sort();
    assert.deepEqual(added, ["chainfire-node04", "flaredb-node04", "node04", "node04-identity"]);
    const worker = { node04: sampleNode(4, { profile: "control-plane", bootstrap: false }) };
    Object.assign(worker.node04, { profile: "worker" });
    await program(sampleCluster((cluster) => Object.assign(cluster.nodes, worker)));
    assert.deepEqual(
      [...registered.keys()].filter((name) => !three.has(name)).sort(),
      ["image-worker", "node04", "node04-identity"],
      "a worker, and the image of the first worker",
    );
    assert.deepEqual(
      [inputsOf("node04").services, inputsOf("node01").services],
      [{ plasmavmc: "https://10.0.100.53:8081" }, undefined],
      "a worker is there when its PlasmaVMC is healthy; for voters their members see to that",
    );
  });

  it("tells the options for another DHCP server, and only where that gives out the boot files", async () => {
    assert.equal((await program(sampleCluster())).dhcpOptions, undefined);
    const cluster = await program(
      sampleCluster((args) => {
        args.pxe.dhcp = { mode: "external" };
      }),
    );
    assert.match(
      cluster.dhcpOptions?.iscDhcpd ?? "",
      /host node01 \{ hardware ethernet 52:54:00:00:00:01; fixed-address/,
    );
    assert.match(cluster.dhcpOptions?.kea ?? "", /"boot-file-name": "http:\/\/10\.0\.100\.1\/boot\.ipxe"/);
    assert.deepEqual(inputsOf("pxe").dhcp, { mode: "external", leaseTime: 3600 });
  });

  it("changes no input of another machine when one is added", async () => {
    await program(sampleCluster());
    const before = new Map(registered);
    await program(sampleCluster((cluster) => Object.assign(cluster.nodes, { node04: sampleNode(4) })));
    for (const [name, { inputs }] of before) {
      if (name === "health") continue; // Its diff looks past machines that were only added.
      assert.deepEqual(inputsOf(name), readSpec(inputs), name);
    }
  });

  it("makes a machine from planned paths, its certificate, and the login key", async () => {
    await program(
      sampleCluster((cluster) => {
        cluster.sshAuthorizedKeys = [`ssh-ed25519 ${"C".repeat(60)} me`];
        Object.assign(nodeOf(cluster, "node01"), { serial: "S1", disk: { serial: "D1", release: "D1-1f3a" } });
      }),
    );
    const inputs = inputsOf("node01");
    const { data, material, cert, hostKeyPublic, bmc, bmcPassword, disk, pxe, raft, deadlines } = plain(
      inputs,
    ) as Record<string, unknown>;
    assert.deepEqual(pxe, { httpUrl: "http://10.0.100.1", root: "/var/lib/flint/dev" });
    assert.deepEqual(
      at(data, "sshAuthorizedKeys"),
      [`ssh-ed25519 ${"C".repeat(60)} me`],
      "the provider adds the login key",
    );
    assert.deepEqual(material, {
      key: "node01-identity key",
      hostKey: "node01-identity host key",
    });
    assert.equal(cert, "node01-identity cert");
    assert.equal(hostKeyPublic, "ssh-ed25519 node01-identity");
    assert.deepEqual(bmc, { type: "redfish", url: "https://10.0.100.150" });
    assert.equal(bmcPassword, undefined, "it is that of all");
    assert.equal(at(disk, "release"), "D1-1f3a");
    assert.equal(at(data, "disk", "release"), undefined, "consent is not part of the system");
    assert.deepEqual(Object.keys(Object(at(raft, "chainfire"))), ["node01", "node02", "node03"]);
    assert.deepEqual(deadlines, { build: 7200, boot: 1200, install: 3600, firstBoot: 1200 });
    assert.match(
      String(inputs.self),
      /^urn:pulumi:dev::flint::flint:index:ClusterComponent\$pulumi-nodejs:dynamic\/flint:BareMetalNode::node01$/,
    );
  });

  it("gives what all share to the provider once: host, login key, BMC access, CA, operator's certificate", async () => {
    await program(
      sampleCluster((cluster) => {
        const bmc = { redfish: "https://10.0.100.151", username: "other", password: "own battery" };
        Object.assign(nodeOf(cluster, "node02"), { bmc });
      }),
    );
    const shared: unknown = JSON.parse(String(plain(inputsOf("provider")["flint:shared"])));
    assert.equal(at(shared, "host", "host"), "127.0.0.1");
    assert.deepEqual(at(shared, "loginKey"), { privateKey: "login-key openssh", publicKey: "ssh-ed25519 login-key" });
    assert.deepEqual(at(shared, "bmcDefaults"), { username: "admin", password: "correct horse" });
    assert.equal(at(shared, "ca"), "ca cert");
    assert.equal(at(shared, "clientCert"), "operator-cert cert");
    assert.equal(at(shared, "clientKey"), "operator-key pem");
    assert.equal(at(shared, "caKey"), "ca-key pem");
    assert.deepEqual(inputsOf("node02").bmc, { type: "redfish", url: "https://10.0.100.151", username: "other" });
    assert.equal(plain(inputsOf("node02").bmcPassword), "own battery");
    for (const [name, { type, inputs }] of registered) {
      if (type.includes("flint:")) assert.equal("loginKey" in inputs || "clientKey" in inputs, false, name);
    }
  });

  it("goes through sudo on the provisioning host where its account is not root, and never on a jump host", async () => {
    await program(
      sampleCluster(({ pxe }) => {
        const { privateKey, hostKey } = pxe.host;
        Object.assign(pxe.host, { ssh: "admin@10.0.100.1", jump: { ssh: "guest@10.0.0.1", privateKey, hostKey } });
      }),
    );
    const shared: unknown = JSON.parse(String(plain(inputsOf("provider")["flint:shared"])));
    assert.deepEqual([at(shared, "host", "user"), at(shared, "host", "sudo")], ["admin", true]);
    assert.deepEqual([at(shared, "host", "jump", "user"), at(shared, "host", "jump", "sudo")], ["guest", undefined]);
    for (const script of ["create", "update", "delete"])
      assert.match(String(inputsOf("provisioning-host")[script]), /\nexec sudo -n -- sh -c 'set -eu\n/);
    await program(sampleCluster());
    const root: unknown = JSON.parse(String(plain(inputsOf("provider")["flint:shared"])));
    assert.deepEqual(Object.keys(Object(at(root, "host"))), ["name", "host", "user", "port", "privateKey", "hostKeys"]);
    assert.match(String(inputsOf("provisioning-host").create), /^set -eu\n/);
  });

  it("works on the machine that Pulumi runs on without any ssh: its preparation, hooks and resources", async () => {
    await program(
      sampleCluster((cluster) => {
        Object.assign(cluster.pxe, { host: { local: true }, address: "10.0.100.1" });
        cluster.hooks = { beforeInstall: { run: "date", on: "provisioning-host" } };
      }),
    );
    const shared: unknown = JSON.parse(String(plain(inputsOf("provider")["flint:shared"])));
    assert.deepEqual(at(shared, "host"), { name: "provisioning host", local: true });
    assert.equal(registered.get("provisioning-host")?.type, "command:local:Command");
    assert.match(
      String(inputsOf("provisioning-host").create),
      /^if \[ "\$\(id -u\)" = 0 \]; then\n {2}exec sh -c 'set -eu\n/,
    );
    assert.deepEqual(
      [...registered.values()].filter(({ type }) => type === "command:remote:Command"),
      [],
    );
    assert.deepEqual(plain(inputsOf("pxe").host), { name: "provisioning host", local: true });
    assert.equal(inputsOf("pxe").address, "10.0.100.1");
  });

  it("keeps every key and password secret", async () => {
    const cluster = await program(sampleCluster());
    for (const name of ["node01", "node02", "node03"])
      assert.equal(isSecret(inputsOf(name).material), true, `${name}.material`);
    assert.equal(isSecret(inputsOf("provider")["flint:shared"]), true, "provider");
    for (const name of ["pxe", "image-control-plane"])
      assert.equal(isSecret(inputsOf(name).host), true, `${name}.host`);
    assert.equal(await pulumi.isSecret(cluster.clusterInfo), true);
    assert.equal(await pulumi.isSecret(cluster.clientKey), true);
    for (const [name, { inputs }] of registered) {
      const open = JSON.stringify(inputs, (_, value) => (isSecret(value) ? "[secret]" : value)) ?? "";
      assert.doesNotMatch(open, /correct horse|PRIVATE KEY|key pem|identity (host )?key|openssh/, name);
    }
  });

  it("joins members with the bootstrap ones and themselves as endpoints", async () => {
    await program(sampleCluster((cluster) => Object.assign(cluster.nodes, { node04: sampleNode(4) })));
    const { service, node, raftAddr, bootstrap, endpoints, dependents } = inputsOf("flaredb-node04");
    assert.deepEqual(inputsOf("chainfire-node04").dependents, {});
    assert.deepEqual(
      { service, node, raftAddr, bootstrap, endpoints, dependents },
      {
        service: "flaredb",
        node: "node04",
        raftAddr: "10.0.200.13:2480",
        bootstrap: false,
        endpoints: {
          node01: "https://10.0.100.50:2479",
          node02: "https://10.0.100.51:2479",
          node03: "https://10.0.100.52:2479",
          node04: "https://10.0.100.53:2479",
        },
        dependents: { iam: "https://10.0.100.53:8080", plasmavmc: "https://10.0.100.53:8081" },
      },
    );
  });

  it("boots all machines at once, joins in order, and looks at the whole last", async () => {
    await program(sampleCluster((cluster) => Object.assign(cluster.nodes, { node04: sampleNode(4) })));
    const waits = (name: string, ...others: string[]) => {
      const before = registered.get(name)?.madeBefore;
      for (const other of others) assert.equal(before?.has(other), true, `${name} does not wait for ${other}`);
    };
    const together = (...names: string[]) => {
      for (const one of names) {
        for (const other of names)
          assert.equal(registered.get(one)?.madeBefore.has(other), false, `${one} waits for ${other}`);
      }
    };
    const nodes = ["node01", "node02", "node03", "node04"];
    const born = ["node01", "node02", "node03"].flatMap((name) => [`chainfire-${name}`, `flaredb-${name}`]);
    waits("pxe", "provisioning-host");
    together("pxe", "image-control-plane");
    for (const name of nodes) waits(name, "image-control-plane", "pxe");
    together(...nodes);
    waits("chainfire-node01", "node01");
    waits("flaredb-node01", "chainfire-node01");
    together("chainfire-node01", "chainfire-node02", "chainfire-node03");
    waits("chainfire-node04", "node04", ...born);
    waits("flaredb-node04", "chainfire-node04");
    waits("health", ...nodes, ...born, "flaredb-node04");
  });

  it("tells clients where the cluster is and what to trust", async () => {
    const cluster = await program(sampleCluster());
    assert.deepEqual(await resolved(cluster.endpoints), {
      chainfire: ["https://10.0.100.50:2379", "https://10.0.100.51:2379", "https://10.0.100.52:2379"],
      flaredb: ["https://10.0.100.50:2479", "https://10.0.100.51:2479", "https://10.0.100.52:2479"],
      iam: ["https://10.0.100.50:8080", "https://10.0.100.51:8080", "https://10.0.100.52:8080"],
      plasmavmc: ["https://10.0.100.50:8081", "https://10.0.100.51:8081", "https://10.0.100.52:8081"],
    });
    assert.deepEqual(await resolved(pulumi.output(cluster.members.node02)), {
      profile: "control-plane",
      addresses: { provisioning: "10.0.100.51", cluster: "10.0.200.11" },
      voter: true,
      sshHostKey: "ssh-ed25519 node02-identity",
    });
    assert.equal(await resolved(cluster.ca), "ca cert");
    assert.equal(await resolved(cluster.health), "all healthy (2026-01-02 03:04 UTC)");
  });

  it("runs the user's commands around an installation, again only for a new generation", async () => {
    const withHooks = (generation: number) =>
      sampleCluster((cluster) => {
        cluster.hooks = { afterInstall: "notify-send $FLINT_NODE" };
        nodeOf(cluster, "node02").generation = generation;
        nodeOf(cluster, "node03").hooks = { beforeInstall: { run: "date", on: "provisioning-host" } };
      });
    await program(withHooks(1));
    const names = [...registered.keys()].filter((name) => name.endsWith("-install")).sort();
    assert.deepEqual(names, ["node01-after-install", "node02-after-install", "node03-before-install"]);
    const { create, environment, triggers } = inputsOf("node02-after-install");
    assert.equal(create, "notify-send $FLINT_NODE");
    assert.deepEqual(environment, {
      FLINT_CLUSTER: "dev",
      FLINT_NODE: "node02",
      FLINT_ADDRESS: "10.0.100.51",
      FLINT_PROFILE: "control-plane",
    });
    assert.equal(
      inputsOf("node03-before-install").create,
      "export FLINT_CLUSTER=dev\nexport FLINT_NODE=node03\nexport FLINT_ADDRESS=10.0.100.52\nexport FLINT_PROFILE=control-plane\ndate",
    );
    await program(withHooks(2));
    assert.notDeepEqual(inputsOf("node02-after-install").triggers, triggers);
  });

  it("takes prebuilt images, and leaves a host alone that is managed elsewhere", async () => {
    const file = (name: string) => ({ url: `https://images.example.com/${name}`, sha256: "ab".repeat(32) });
    await program(
      sampleCluster((cluster) => {
        cluster.pxe.prepare = false;
        cluster.images = { "control-plane": { kernel: file("bzImage"), initrd: file("initrd"), cmdline: "quiet" } };
      }),
    );
    assert.equal(registered.has("provisioning-host"), false);
    assert.deepEqual(inputsOf("image-control-plane").source, {
      files: { kernel: file("bzImage"), initrd: file("initrd"), cmdline: "quiet" },
    });
  });

  it("puts the prefix before every name, so that one stack can have two clusters", async () => {
    await program(sampleCluster((cluster) => Object.assign(cluster, { prefix: "east-" })));
    const others = [...registered.keys()].filter((name) => !name.startsWith("east-"));
    assert.deepEqual(others, ["dev"]);
  });

  it("registers nothing when anything is wrong", async () => {
    const wrong = sampleCluster((cluster) => Object.assign(nodeOf(cluster, "node01"), { mac: "nonsense" }));
    await assert.rejects(program(wrong), {
      name: "FlintError",
      code: "CONFIG_INVALID",
      message: /^cluster dev: found 1 problem\. Nothing was touched\.\n\n {2}1\. nodes\.node01\.mac: "nonsense"\n/,
    });
    assert.deepEqual([...registered.keys()], []);
  });
});
