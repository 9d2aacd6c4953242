// limit: 420 s
import assert from "node:assert/strict";
import { execa } from "execa";
import { RealHost } from "./bench.js";
import { RackStack } from "./rack-stack.js";

describe("two racks in one stack, each with its own provisioning host and networks, under the real CLI", function () {
  this.timeout(100_000);
  this.bail(true);
  const [east, west] = [new RealHost(19), new RealHost(29)];
  const hosts = [east, west];
  let stack: RackStack | undefined;
  const at = () => stack ?? assert.fail("no stack");
  const untouched = new Map<RealHost, string>();

  /** What of a host could outlive the stack. */
  const traces = (host: RealHost) =>
    host.onHost(
      "find /etc /var/lib/flint /usr -xdev -newer /run/before -not -type d 2>/dev/null; ls -A /run /var/lib; systemctl list-unit-files --no-legend | grep -v transient; dpkg-query -W; ss -Hlntu",
    );

  before(async function () {
    this.timeout(300_000); // the host's root is built once per machine
    if (!(await east.up())) return this.skip();
    await west.up();
    await connect(east, west);
    for (const host of hosts) {
      await host.onHost("touch /run/before");
      untouched.set(host, await traces(host));
    }
    stack = await RackStack.make(east);
    stack.declare({ east: east.declared(), west: west.declared() });
  });
  after(async function () {
    this.timeout(120_000);
    for (const host of hosts) await host.down();
    stack?.remove();
  });

  it("are set up together, each to serve its own network under its own name", async () => {
    await at().up();
    for (const [cluster, host] of [["east", east] as const, ["west", west] as const]) {
      const { stdout } = await host.inside("curl", "-sf", `http://${host.address}/boot.ipxe`);
      assert.match(stdout, new RegExp(`cluster ${cluster}\\.[^]*http://${host.address.replaceAll(".", "\\.")}/nodes/`));
      const configuration = await host.onHost(`cat /var/lib/flint/${cluster}/dnsmasq/dnsmasq.conf`);
      assert.ok(configuration.includes(`dhcp-range=10.${host.network}.0.200,`), configuration);
      assert.equal(await host.onHost("ls /var/lib/flint"), cluster);
    }
  });

  it("what was changed on one host is found and put right there, and the other is not touched", async () => {
    await west.onHost("systemctl stop flint-west-nginx; echo x >> /var/lib/flint/west/http/boot.ipxe");
    const before = await at().pulumi("refresh", "--yes", "--skip-preview");
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

  it("one that is taken out of the stack goes without a trace, and the other is not touched", async () => {
    const [started, changed] = await Promise.all([east.unitStarts("east"), newest(east, "east")]);
    at().declare({ east: east.declared() });
    await at().up();
    assert.equal(await traces(west), untouched.get(west));
    assert.deepEqual([await east.unitStarts("east"), await newest(east, "east")], [started, changed]);
  });

  it("the last goes without a trace with the stack", async () => {
    await at().pulumi("destroy", "--yes", "--skip-preview");
    assert.equal(await traces(east), untouched.get(east));
  });
});

/** When the newest of a cluster's files was changed, without logs. */
const newest = (host: RealHost, cluster: string) =>
  host.onHost(`find /var/lib/flint/${cluster} -type f -not -path '*/log/*' -printf '%C@ %p\\n' | sort -n | tail -n 1`);

/** A cable between the operator's machine of one rack and the provisioning network of another. */
async function connect(from: RealHost, to: RealHost): Promise<void> {
  const device = `to${to.network}`;
  const [near, far] = [from.layout.namespace, to.layout.namespace];
  await execa("ip", ["link", "add", device, "netns", near, "type", "veth", "peer", "name", device, "netns", far]);
  await to.inside("ip", "link", "set", device, "master", "prov", "up");
  await from.inside("ip", "addr", "add", `10.${to.network}.0.253/24`, "dev", device);
  await from.inside("ip", "link", "set", device, "up");
}
