// limit: 1000 s
import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import type { ClusterArgs } from "../../../components/cluster/args.js";
import { CHECKOUT } from "../../../lab/rack/layout.js";
import { RealHost } from "./bench.js";
import { JoinedRacks } from "./joined/joined-racks.js";
import { RackStack } from "./rack-stack.js";

describe("two clusters in one stack, each with its own provisioning host and networks, under the real CLI", function () {
  this.timeout(160_000);
  this.bail(true);
  const [east, west] = [new RealHost(19), new RealHost(29)];
  const hosts = new Map([
    ["east", east],
    ["west", west],
  ]);
  let racks: JoinedRacks | undefined;
  let stack: RackStack<Record<string, ClusterArgs>> | undefined;
  const at = () => stack ?? assert.fail("no stack");
  const joined = () => racks ?? assert.fail("no machines");
  const untouched = new Map<RealHost, string>();
  /** East with a smaller range for machines that nobody declared. */
  const narrowed = () => {
    const args = joined().cluster("east");
    args.pxe.dhcp.range = [`10.${east.network}.0.210`, `10.${east.network}.0.220`];
    return args;
  };

  /** What of a host could outlive the stack. */
  const traces = (host: RealHost) =>
    host.onHost(
      "find /etc /var/lib/flint /usr -xdev -newer /run/before -not -type d 2>/dev/null; ls -A /run /var/lib; systemctl list-unit-files --no-legend | grep -v transient; dpkg-query -W; ss -Hlntu",
    );

  before(async function () {
    this.timeout(600_000); // the host's root is built once per machine
    if (!(await east.up())) return this.skip();
    await west.up();
    await connect(east, west);
    for (const host of hosts.values()) {
      await host.onHost("touch /run/before");
      untouched.set(host, await traces(host));
    }
    racks = await JoinedRacks.start(hosts);
    stack = await RackStack.ofClusters(east, racks.environment);
    stack.declare({ east: racks.cluster("east"), west: racks.cluster("west") });
  });
  after(async function () {
    this.timeout(120_000);
    await racks?.stop();
    for (const host of hosts.values()) await host.down();
    stack?.remove();
  });

  it("have a provisioning host each, whose systemd has no part in the other's processes", async () => {
    const of = (host: RealHost) => host.onHost("systemd-cgls --no-pager | grep -c '/[s]ystemd-journald$'; true");
    assert.deepEqual(await Promise.all([of(east), of(west)]), ["1", "1"]);
  });

  it("come up together, each machine by its own host's DHCP, TFTP and HTTP", async () => {
    await at().up();
    for (const [cluster, host] of hosts) {
      const { stdout } = await host.inside("curl", "-sf", `http://${host.address}/boot.ipxe`);
      assert.match(stdout, new RegExp(`cluster ${cluster}\\.[^]*http://${host.address.replaceAll(".", "\\.")}/nodes/`));
      assert.equal(await host.onHost("ls /var/lib/flint"), cluster);
      const log = await host.onHost(`cat /var/lib/flint/${cluster}/log/*`);
      const machine = `10.${host.network}.0.50`;
      for (const seen of [`DHCPACK(host0) ${machine} `, `/tftp/snponly.efi to ${machine}`, '"uri":"/images/'])
        assert.ok(log.includes(seen), `${seen} in ${log}`);
      const [other = 0] = [...hosts.values()].flatMap(({ network }) => (network === host.network ? [] : [network]));
      assert.doesNotMatch(log, new RegExp(`\\b10\\.${other}\\.`), "nothing of the other network");
    }
    assert.deepEqual(await joined().status(), {
      violations: [],
      machines: { east1: "On, system", west1: "On, system" },
      installs: { east1: 1, west1: 1 },
    });
  });

  it("are as declared then: no change, although a refresh looks at both", async () => {
    await at().pulumi("preview", "--refresh", "--expect-no-changes");
  });

  it("flint doctor looks at the machine of the cluster that is named, where both have one of that name", async () => {
    const doctor = (node: string) => at().run(process.execPath, join(CHECKOUT, "dist/cli/main.js"), "doctor", node);
    for (const [cluster, { network }] of hosts) {
      const { code, text } = await doctor(`${cluster}/node01`);
      assert.match(text, new RegExp(`^node01 .*10\\.${network}\\.0\\.50`));
      assert.equal(code, 0, text);
    }
    const { code, text } = await doctor("node01");
    assert.equal(code, 2);
    assert.match(
      text,
      /^node01: expected .* found one with east\/node01, west\/node01\. Name one of those\. .*\[NODE_UNKNOWN\]/,
    );
  });

  it("what was changed on one host is found and put right there, and the other is not touched", async () => {
    await west.onHost("systemctl stop flint-west-nginx; echo x >> /var/lib/flint/west/http/boot.ipxe");
    const before = await at().refresh();
    assert.match(before, /~ 1 updated/);
    const [started, changed] = await Promise.all([east.unitStarts("east"), newest(east, "east")]);
    const text = await at().up();
    assert.match(text, /~ 1 updated/);
    assert.match(
      text,
      /\(west-pxe\):\n {4}puts right: \/var\/lib\/flint\/west\/http\/boot\.ipxe changed; nginx: start, not running\n/,
    );
    assert.equal(
      (await west.inside("curl", "-sf", `http://${west.address}/boot.ipxe`)).stdout.includes("\nx\n"),
      false,
    );
    assert.deepEqual([await east.unitStarts("east"), await newest(east, "east")], [started, changed]);
  });

  it("a host that is away stops no work on the other, and is told", async () => {
    at().declare({ east: narrowed(), west: joined().cluster("west") });
    const started = await west.unitStarts("west");
    await east.inside("ip", "link", "set", cable(west), "down");
    const text = await at().up();
    await east.inside("ip", "link", "set", cable(west), "up");
    assert.match(
      text,
      /\(west\):\n {4}warning: .*: expected ssh at root@10\.29\.0\.1:22 but found .* \[PXE_HOST_UNREACHABLE\]/,
    );
    assert.match(text, /~ 1 updated/);
    assert.match(await east.onHost("cat /var/lib/flint/east/dnsmasq/dnsmasq.conf"), /^dhcp-range=10\.19\.0\.210,/m);
    assert.equal(await west.unitStarts("west"), started);
  });

  it("one that is taken out of the stack goes without a trace, and the other is not touched", async () => {
    const [started, changed] = await Promise.all([east.unitStarts("east"), newest(east, "east")]);
    at().declare({ east: narrowed() });
    await at().up();
    assert.equal(await traces(west), untouched.get(west));
    assert.deepEqual([await east.unitStarts("east"), await newest(east, "east")], [started, changed]);
    assert.deepEqual((await joined().status()).machines, { east1: "On, system", west1: "Off, nothing" });
  });

  it("the last goes without a trace with the stack", async () => {
    await at().pulumi("destroy", "--yes", "--skip-preview");
    assert.equal(await traces(east), untouched.get(east));
    assert.deepEqual((await joined().status()).violations, []);
  });
});

/** When the newest of a cluster's files was changed, without logs. */
const newest = (host: RealHost, cluster: string) =>
  host.onHost(`find /var/lib/flint/${cluster} -type f -not -path '*/log/*' -printf '%C@ %p\\n' | sort -n | tail -n 1`);

/** On the operator's machine of the first rack: the card at the provisioning network of another. */
const cable = (to: RealHost) => `to${to.network}`;

/** A cable between the operator's machine of one rack and the provisioning network of another. */
async function connect(from: RealHost, to: RealHost): Promise<void> {
  const device = cable(to);
  const [near, far] = [from.layout.namespace, to.layout.namespace];
  await execa("ip", ["link", "add", device, "netns", near, "type", "veth", "peer", "name", device, "netns", far]);
  await to.inside("ip", "link", "set", device, "master", "prov", "up");
  await from.inside("ip", "addr", "add", `10.${to.network}.0.253/24`, "dev", device);
  await from.inside("ip", "link", "set", device, "up");
}
