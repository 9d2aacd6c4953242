// limit: 420 s
import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { inNamespace } from "../../../lab/rack/namespace.js";
import { type Answer, RealHost, SERVER } from "./bench.js";

const initrdPath = (answer: Answer) =>
  z.object({ initrd: z.object({ path: z.string() }) }).parse(answer.outs).initrd.path;

describe("a provisioning host with systemd, dnsmasq and nginx, reached by ssh", function () {
  this.timeout(60_000);
  this.bail(true);
  const host = new RealHost();

  before(async function () {
    this.timeout(300_000); // the host's root is built once per machine
    if (!(await host.up())) return this.skip();
  });
  after(async function () {
    this.timeout(60_000);
    await host.down();
  });

  it("is refused while another program has the ports, which is named", async () => {
    await host.onHost("systemctl start nginx");
    const { error } = await host.drive("pxe", "create", SERVER);
    await host.onHost("systemctl stop nginx");
    assert.match(
      error ?? "",
      /^preparation, provisioning host: expected TCP port 80 \(HTTP\) free on 10\.19\.0\.1 but found nginx on TCP port 80, process \d+ of nginx\.service\. Stop it there: `systemctl disable --now nginx\.service`, or let Flint use another host\. \[PXE_PORT_OCCUPIED\]$/,
    );
    assert.equal(await host.files(), "");
  });

  it("is refused while another DHCP server gives out addresses, which is named", async () => {
    // The operator's side of the provisioning bridge is a machine on the same network.
    const other = execa(
      ...inNamespace(
        host.layout,
        ["/usr/sbin/dnsmasq", "--keep-in-foreground", "--port=0", "--interface=prov", "--user=root"].concat(
          ["--bind-interfaces", "--conf-file=/dev/null", "--dhcp-range=10.19.0.60,10.19.0.70"],
          [`--dhcp-leasefile=${join(host.dir, "leases")}`, "--pid-file="],
        ),
      ),
      { reject: false },
    );
    try {
      const { error } = await host.drive("pxe", "create", SERVER);
      assert.match(
        error ?? "",
        /^preparation, network 10\.19\.0\.0\/24 on host0 of the provisioning host: expected no other DHCP server but found one at 10\.19\.0\.254 that offered 10\.19\.0\.\d+\. Switch it off on this network, or set pxe\.dhcp\.mode: proxy: .* \[DHCP_OCCUPIED\]$/,
      );
    } finally {
      other.kill();
      await other;
    }
  });

  it("is refused while its firewall drops what machines ask, until the commands that are named have opened it", async () => {
    await host.onHost(`nft -f - <<'END'
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state { established, related } accept
    iifname lo accept
    tcp dport 22 accept
  }
}
END`);
    const { error = "" } = await host.drive("pxe", "create", SERVER);
    assert.match(
      error,
      /expected UDP 67 \(DHCP\), UDP 69 \(TFTP\), TCP 80 \(HTTP\) let in on host0 but found the policy drop of nftables' chain inet filter input in the way\. Open it there: .* \[PXE_FIREWALL\]$/,
    );
    assert.equal(await host.files(), "");
    for (const [, command = ""] of error.matchAll(/`([^`]+)`/g)) await host.onHost(command);
    assert.equal((await host.drive("pxe", "create", SERVER)).error, undefined);
    const fetched = await host.inside("curl", "-sf", "--max-time", "5", "http://10.19.0.1/boot.ipxe");
    assert.match(fetched.stdout, /^#!ipxe\n/);
    await host.onHost("nft flush ruleset");
    assert.deepEqual(await host.drive("pxe", "delete", SERVER), {});
  });

  it("is set up, and serves what it advertises", async () => {
    const { error, outs } = await host.drive("pxe", "create", SERVER);
    assert.equal(error, undefined);
    assert.equal(outs?.bootUrl, "http://10.19.0.1/boot.ipxe");
    assert.deepEqual(outs?.drift, []);
    assert.match((await host.inside("curl", "-sf", "http://10.19.0.1/boot.ipxe")).stdout, /^#!ipxe\n/);
  });

  it("a second time changes nothing and restarts nothing", async () => {
    const before = await host.unitStarts();
    assert.equal((await host.drive("pxe", "create", SERVER)).error, undefined);
    assert.equal(await host.unitStarts(), before);
  });

  it("what was changed behind Flint's back is found and put right", async () => {
    await host.onHost("systemctl stop flint-hosttest-dnsmasq; echo x >> /var/lib/flint/hosttest/http/boot.ipxe");
    const { props } = await host.drive("pxe", "read", SERVER);
    assert.deepEqual(props?.drift, ["/var/lib/flint/hosttest/http/boot.ipxe changed", "dnsmasq: start, not running"]);
    assert.equal((await host.drive("pxe", "create", SERVER)).error, undefined);
    assert.deepEqual((await host.drive("pxe", "read", SERVER)).props?.drift, []);
  });

  it("a setting that dnsmasq refuses changes nothing that runs", async () => {
    const before = await host.unitStarts();
    const wrong = { ...SERVER, dhcp: { mode: "full", range: ["10.19.1.5", "10.19.0.220"] } };
    const { error } = await host.drive("pxe", "create", wrong);
    assert.match(
      error ?? "",
      /expected a configuration that dnsmasq and nginx accept but found dnsmasq: .*\[PXE_CONFIG_TEST\]$/,
    );
    assert.equal(await host.unitStarts(), before);
    assert.equal(await host.onHost("find /var/lib/flint -name '*.next'"), "");
  });

  it("gives a machine's keys to its own address only", async () => {
    const keys = "/var/lib/flint/hosttest/http/keys";
    await host.onHost(`for ip in 9 254; do mkdir ${keys}/10.19.0.$ip; echo k > ${keys}/10.19.0.$ip/ab12.cpio; done`);
    const status = async (path: string) =>
      (
        await host.inside(
          "curl",
          "-s",
          "--path-as-is",
          "-o",
          "/dev/null",
          "-w",
          "%{http_code}",
          `http://10.19.0.1${path}`,
        )
      ).stdout;
    assert.equal(await status("/keys/10.19.0.254/ab12.cpio"), "200");
    for (const path of ["/keys/10.19.0.9/ab12.cpio", "/keys/10.19.0.254/../10.19.0.9/ab12.cpio", "/keys/"])
      assert.equal(await status(path), "403", path);
  });

  it("publishes images, shares what is the same, and keeps what a boot script still names", async () => {
    const first = await host.drive("image", "create", host.image("control-plane", "kernel", "initrd-1"));
    assert.equal(first.error, undefined);
    assert.equal((await host.drive("image", "create", host.image("worker", "kernel", "initrd-2"))).error, undefined);
    const held = () => host.onHost("cd /var/lib/flint/hosttest/http && find images -type f | wc -l");
    assert.equal(await held(), "3");
    const path = initrdPath(first);
    await host.onHost(
      `echo 'initrd http://10.19.0.1${path}' > /var/lib/flint/hosttest/http/nodes/52-54-00-13-00-01.ipxe`,
    );
    const next = host.image("control-plane", "kernel", "initrd-2");
    assert.equal((await host.drive("image", "create", next)).error, undefined);
    assert.equal(await held(), "3");
    await host.onHost("rm /var/lib/flint/hosttest/http/nodes/*");
    assert.equal((await host.drive("image", "create", next)).error, undefined);
    assert.equal(await held(), "2");
  });

  it("finds a damaged image and repairs it", async () => {
    const worker = host.image("worker", "kernel", "initrd-2");
    const published = await host.drive("image", "create", worker);
    const path = initrdPath(published);
    await host.onHost(`echo x >> /var/lib/flint/hosttest/http${path}`);
    const { props } = await host.drive("image", "read", { ...published.outs, ...worker });
    assert.deepEqual(props?.damage, [`${path} changed`]);
    assert.deepEqual((await host.drive("image", "create", worker)).outs?.damage, []);
  });

  it("is gone without a trace after delete", async () => {
    const gone = [
      await host.drive("image", "delete", host.image("worker", "kernel", "initrd-2")),
      await host.drive("image", "delete", host.image("control-plane", "kernel", "initrd-2")),
      await host.drive("pxe", "delete", SERVER),
    ];
    assert.deepEqual(gone, [{}, {}, {}]);
    assert.equal(await host.files(), "");
    assert.equal(await host.onHost("ls -d /var/lib/flint 2>/dev/null; ss -Hlntu | grep -v ':22 '; true"), "");
    assert.equal((await host.drive("pxe", "read", SERVER)).id, "");
  });
});
