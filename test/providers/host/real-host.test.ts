// limit: 840 s
import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { inNamespace } from "../../../lab/rack/namespace.js";
import { type Answer, RealHost, SERVER } from "./bench.js";
import { changesBehindItsBack } from "./changes-behind-its-back.js";
import { declaredChanges } from "./declared-changes.js";
import { bootFilesOfOthers, imagesOfOthers } from "./files-of-others.js";

const initrdPath = (answer: Answer) =>
  z.object({ initrd: z.object({ path: z.string() }) }).parse(answer.outs).initrd.path;

describe("a provisioning host with systemd, dnsmasq and nginx, reached by ssh", function () {
  this.timeout(120_000);
  this.bail(true);
  const host = new RealHost();

  /** Everything on the host that outlives a restart: files with type, mode and owner, links with where they lead. */
  const traces = async () => {
    const volatile = ["/var/log/journal", "/var/lib/systemd", "/opt/flint"].map((path) => `-path ${path} -prune -o`);
    const list = await host.onHost(`find / -xdev ${volatile.join(" ")} -printf '%p %y %m %u:%g %l\\n' | sort`);
    const more =
      "cat /etc/passwd /etc/group; dpkg-query -W; systemctl list-unit-files --no-legend | grep -v transient; ls -A /run; ip -6 addr show dev host0 scope global";
    return [...list.split("\n"), ...(await host.onHost(more)).split("\n")];
  };
  let untouched: string[] = [];

  before(async function () {
    this.timeout(600_000); // the host's root is built once per machine
    if (!(await host.up())) return this.skip();
    await host.onHost("systemctl start nginx; systemctl stop nginx"); // makes its log files, as tests below would
    untouched = await traces();
  });
  after(async function () {
    this.timeout(120_000);
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

  /** The operator's side of the provisioning bridge is a machine on the same network. */
  const withOtherDhcp = async (work: () => Promise<void>) => {
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
      await work();
    } finally {
      other.kill();
      await other;
    }
  };

  it("is refused while another DHCP server gives out addresses, which is named", async () => {
    await withOtherDhcp(async () => {
      const { error } = await host.drive("pxe", "create", SERVER);
      assert.match(
        error ?? "",
        /^preparation, network 10\.19\.0\.0\/24 on host0 of the provisioning host: expected no other DHCP server but found one at 10\.19\.0\.254 that offered 10\.19\.0\.\d+\. Switch it off on this network, or set pxe\.dhcp\.mode: proxy: .* \[DHCP_OCCUPIED\]$/,
      );
    });
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
    // It was fetched from the operator's machine too, as machines will: by TFTP and by HTTP.
    const sent = await host.onHost("grep -h 'sent .* to 10.19.0.254' /var/lib/flint/hosttest/log/dnsmasq.log");
    for (const file of ["undionly.kpxe", "snponly.efi", "autoexec.ipxe"])
      assert.match(
        sent,
        new RegExp(`sent /var/lib/flint/hosttest/tftp/${file.replace(".", "\\.")} to 10\\.19\\.0\\.254`),
      );
    const asked = await host.onHost("grep 10.19.0.254 /var/lib/flint/hosttest/log/http.log");
    for (const path of ["/boot.ipxe", "/boot/snponly.efi"])
      assert.ok(asked.includes(`"uri":"${path}","status":200`), path);
  });

  it("another DHCP server that comes later is named by a refresh; Flint's own is none", async () => {
    await withOtherDhcp(async () => {
      const { warnings = [] } = await host.drive("pxe", "warn", SERVER);
      assert.equal(warnings.length, 1, warnings.join("\n"));
      assert.match(
        warnings[0] ?? "",
        /^another DHCP server gives out addresses on 10\.19\.0\.0\/24: one at 10\.19\.0\.254 that offered 10\.19\.0\.\d+\. Machines may take its offer, and then do not boot from Flint\. Switch it off on this network, or set pxe\.dhcp\.mode: proxy: /,
      );
    });
    assert.deepEqual((await host.drive("pxe", "warn", SERVER)).warnings, []);
  });

  it("a second time changes nothing and restarts nothing", async () => {
    const before = await host.unitStarts();
    assert.equal((await host.drive("pxe", "create", SERVER)).error, undefined);
    assert.equal(await host.unitStarts(), before);
  });

  changesBehindItsBack(host);

  declaredChanges(host);

  bootFilesOfOthers(host);

  it("serves two clusters, each on an interface of its own, and neither notices the other", async () => {
    // A second network, with nothing on it but the host.
    await host.onHost(
      "ip link add rack2 type veth peer name rack2far; ip addr add 10.29.0.1/24 dev rack2; ip link set rack2 up; ip link set rack2far up",
    );
    const second = {
      ...SERVER,
      cluster: "second",
      httpUrl: "http://10.29.0.1",
      interface: "rack2",
      address: "10.29.0.1",
      cidr: "10.29.0.0/24",
      dhcp: { mode: "full", range: ["10.29.0.200", "10.29.0.220"] },
    };
    const first = await host.unitStarts();
    const wrong = { ...second, interface: "host0", address: "10.19.0.1", httpUrl: "http://10.19.0.1" };
    const { error } = await host.drive("pxe", "create", wrong);
    for (const owner of ["dnsmasq on UDP port 67", "dnsmasq on UDP port 69", "nginx on TCP port 80"])
      assert.match(error ?? "", new RegExp(`${owner}, process \\d+ of flint-hosttest-.* \\[PXE_PORT_OCCUPIED\\]$`));
    assert.equal((await host.drive("pxe", "create", second)).error, undefined);
    for (const each of [SERVER, second]) assert.deepEqual((await host.drive("pxe", "read", each)).props?.drift, []);
    assert.match(await host.onHost("curl -sf http://10.29.0.1/boot.ipxe"), /^#!ipxe\n/);
    assert.deepEqual(await host.drive("pxe", "delete", second), {});
    assert.equal(await host.unitStarts(), first, "the first was never restarted");
    assert.deepEqual((await host.drive("pxe", "read", SERVER)).props?.drift, []);
    await host.onHost("ip link delete rack2");
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

  imagesOfOthers(host);

  it("is gone without a trace after delete", async () => {
    const gone = [
      await host.drive("image", "delete", host.image("worker", "kernel", "initrd-3")),
      await host.drive("image", "delete", host.image("control-plane", "kernel", "initrd-2")),
      await host.drive("pxe", "delete", SERVER),
    ];
    assert.deepEqual(gone, [{}, {}, {}]);
    assert.equal(await host.files(), "");
    assert.equal(await host.onHost("ls -d /var/lib/flint 2>/dev/null; ss -Hlntu | grep -v ':22 '; true"), "");
    assert.equal((await host.drive("pxe", "read", SERVER)).id, "");
    const after = await traces();
    const more = after.filter((line) => !untouched.includes(line));
    const less = untouched.filter((line) => !after.includes(line));
    assert.deepEqual({ more, less }, { more: [], less: [] });
  });
});
