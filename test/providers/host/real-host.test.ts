// limit: 420 s
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { CHECKOUT, layoutOf } from "../../../lab/rack/layout.js";
import { inNamespace } from "../../../lab/rack/namespace.js";

const RACK = `h${process.pid.toString(36)}`;
const FILE = `
name: ${RACK}
networks:
  provisioning: { cidr: 10.19.0.0/24, operator: 10.19.0.254 }
  cluster: { cidr: 10.19.1.0/24, operator: 10.19.1.254 }
host: { address: 10.19.0.1 }
machines:
  idle: { mac: "52:54:00:13:00:01", bmc: 10.19.0.150, memory: 256, disk: 1 }
`;

interface Answer {
  error?: string;
  id?: string;
  outs?: Record<string, unknown>;
  props?: Record<string, unknown>;
}

const initrdPath = (answer: Answer) =>
  z.object({ initrd: z.object({ path: z.string() }) }).parse(answer.outs).initrd.path;

describe("a provisioning host with systemd, dnsmasq and nginx, reached by ssh", function () {
  this.timeout(60_000);
  this.bail(true);
  const layout = layoutOf(RACK);
  const dir = mkdtempSync(join(tmpdir(), "flint-host-"));
  const rack = (...args: string[]) =>
    execa(join(CHECKOUT, "scripts/rack"), [...args, "--rack", RACK], { timeout: 290_000, stdin: "ignore" });
  const inside = (...command: string[]) => execa(...inNamespace(layout, command), { timeout: 50_000, stdin: "ignore" });
  const onHost = async (command: string) => {
    const known = join(layout.dir, "run", "known_hosts");
    const login = ["-F", "none", "-o", `UserKnownHostsFile=${known}`, "-o", "BatchMode=yes", "-i", layout.operatorKey];
    return (await inside("ssh", ...login, "root@10.19.0.1", command)).stdout;
  };
  const shared = () => ({
    cluster: "hosttest",
    host: {
      name: "provisioning host",
      host: "10.19.0.1",
      privateKey: readFileSync(layout.operatorKey, "utf8"),
      hostKeys: [readFileSync(join(layout.dir, "host_ed25519.pub"), "utf8").trim()],
    },
    httpUrl: "http://10.19.0.1",
  });
  const drive = async (resource: "pxe" | "image", operation: string, own: object): Promise<Answer> => {
    const properties = { ...shared(), ...own };
    const { stdout } = await execa(...inNamespace(layout, [process.execPath, join(__dirname, "drive.js")]), {
      input: JSON.stringify({ resource, operation, properties }),
      timeout: 50_000,
    });
    return JSON.parse(stdout) as Answer;
  };
  const server = {
    interface: "host0",
    address: "10.19.0.1",
    cidr: "10.19.0.0/24",
    domain: "hosttest.example.com",
    dhcp: { mode: "full", range: ["10.19.0.200", "10.19.0.220"] },
  };
  const image = (profile: string, kernel: string, initrd: string) => {
    const file = (name: string) => {
      const path = join(dir, name);
      if (!existsSync(path)) writeFileSync(path, randomBytes(5_000_000));
      return { path, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") };
    };
    return { profile, source: { files: { kernel: file(kernel), initrd: file(initrd), cmdline: "console=ttyS0" } } };
  };
  const unitStarts = () => onHost("systemctl show -p ActiveEnterTimestampMonotonic --value 'flint-hosttest-*'");
  const files = () => onHost("find /var/lib/flint /etc/systemd/system -name '*flint*' -o -path '*/hosttest/*' | sort");

  before(async function () {
    this.timeout(300_000); // the host's root is built once per machine
    if (process.getuid?.() !== 0) {
      console.log("    SKIPPED: a rack needs root (network namespaces, a container)");
      return this.skip();
    }
    writeFileSync(join(dir, "rack.yaml"), FILE);
    await rack("up", "--file", join(dir, "rack.yaml"));
  });
  after(async function () {
    this.timeout(60_000);
    if (existsSync(layout.dir)) await rack("down");
    rmSync(dir, { recursive: true });
  });

  it("is refused while another program has the ports, which is named", async () => {
    await onHost("systemctl start nginx");
    const { error } = await drive("pxe", "create", server);
    await onHost("systemctl stop nginx");
    assert.match(
      error ?? "",
      /^preparation, provisioning host: expected TCP port 80 \(HTTP\) free on 10\.19\.0\.1 but found nginx on TCP port 80, process \d+ of nginx\.service\. Stop it there: `systemctl disable --now nginx\.service`, or let Flint use another host\. \[PXE_PORT_OCCUPIED\]$/,
    );
    assert.equal(await files(), "");
  });

  it("is refused while another DHCP server gives out addresses, which is named", async () => {
    // The operator's side of the provisioning bridge is a machine on the same network.
    const other = execa(
      ...inNamespace(
        layout,
        ["/usr/sbin/dnsmasq", "--keep-in-foreground", "--port=0", "--interface=prov", "--user=root"].concat(
          ["--bind-interfaces", "--conf-file=/dev/null", "--dhcp-range=10.19.0.60,10.19.0.70"],
          [`--dhcp-leasefile=${join(dir, "leases")}`, "--pid-file="],
        ),
      ),
      { reject: false },
    );
    try {
      const { error } = await drive("pxe", "create", server);
      assert.match(
        error ?? "",
        /^preparation, network 10\.19\.0\.0\/24 on host0 of the provisioning host: expected no other DHCP server but found one at 10\.19\.0\.254 that offered 10\.19\.0\.\d+\. Switch it off on this network, or set pxe\.dhcp\.mode: proxy: .* \[DHCP_OCCUPIED\]$/,
      );
    } finally {
      other.kill();
      await other;
    }
  });

  it("is set up, and serves what it advertises", async () => {
    const { error, outs } = await drive("pxe", "create", server);
    assert.equal(error, undefined);
    assert.equal(outs?.bootUrl, "http://10.19.0.1/boot.ipxe");
    assert.deepEqual(outs?.drift, []);
    assert.match((await inside("curl", "-sf", "http://10.19.0.1/boot.ipxe")).stdout, /^#!ipxe\n/);
  });

  it("a second time changes nothing and restarts nothing", async () => {
    const before = await unitStarts();
    assert.equal((await drive("pxe", "create", server)).error, undefined);
    assert.equal(await unitStarts(), before);
  });

  it("what was changed behind Flint's back is found and put right", async () => {
    await onHost("systemctl stop flint-hosttest-dnsmasq; echo x >> /var/lib/flint/hosttest/http/boot.ipxe");
    const { props } = await drive("pxe", "read", server);
    assert.deepEqual(props?.drift, ["/var/lib/flint/hosttest/http/boot.ipxe changed", "dnsmasq: start, not running"]);
    assert.equal((await drive("pxe", "create", server)).error, undefined);
    assert.deepEqual((await drive("pxe", "read", server)).props?.drift, []);
  });

  it("a setting that dnsmasq refuses changes nothing that runs", async () => {
    const before = await unitStarts();
    const wrong = { ...server, dhcp: { mode: "full", range: ["10.19.1.5", "10.19.0.220"] } };
    const { error } = await drive("pxe", "create", wrong);
    assert.match(
      error ?? "",
      /expected a configuration that dnsmasq and nginx accept but found dnsmasq: .*\[PXE_CONFIG_TEST\]$/,
    );
    assert.equal(await unitStarts(), before);
    assert.equal(await onHost("find /var/lib/flint -name '*.next'"), "");
  });

  it("gives a machine's keys to its own address only", async () => {
    const keys = "/var/lib/flint/hosttest/http/keys";
    await onHost(`for ip in 9 254; do mkdir ${keys}/10.19.0.$ip; echo k > ${keys}/10.19.0.$ip/ab12.cpio; done`);
    const status = async (path: string) =>
      (await inside("curl", "-s", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", `http://10.19.0.1${path}`))
        .stdout;
    assert.equal(await status("/keys/10.19.0.254/ab12.cpio"), "200");
    for (const path of ["/keys/10.19.0.9/ab12.cpio", "/keys/10.19.0.254/../10.19.0.9/ab12.cpio", "/keys/"])
      assert.equal(await status(path), "403", path);
  });

  it("publishes images, shares what is the same, and keeps what a boot script still names", async () => {
    const first = await drive("image", "create", image("control-plane", "kernel", "initrd-1"));
    assert.equal(first.error, undefined);
    assert.equal((await drive("image", "create", image("worker", "kernel", "initrd-2"))).error, undefined);
    const held = () => onHost("cd /var/lib/flint/hosttest/http && find images -type f | wc -l");
    assert.equal(await held(), "3");
    const path = initrdPath(first);
    await onHost(`echo 'initrd http://10.19.0.1${path}' > /var/lib/flint/hosttest/http/nodes/52-54-00-13-00-01.ipxe`);
    const next = image("control-plane", "kernel", "initrd-2");
    assert.equal((await drive("image", "create", next)).error, undefined);
    assert.equal(await held(), "3");
    await onHost("rm /var/lib/flint/hosttest/http/nodes/*");
    assert.equal((await drive("image", "create", next)).error, undefined);
    assert.equal(await held(), "2");
  });

  it("finds a damaged image and repairs it", async () => {
    const worker = image("worker", "kernel", "initrd-2");
    const published = await drive("image", "create", worker);
    const path = initrdPath(published);
    await onHost(`echo x >> /var/lib/flint/hosttest/http${path}`);
    const { props } = await drive("image", "read", { ...published.outs, ...worker });
    assert.deepEqual(props?.damage, [`${path} changed`]);
    assert.deepEqual((await drive("image", "create", worker)).outs?.damage, []);
  });

  it("is gone without a trace after delete", async () => {
    const gone = [
      await drive("image", "delete", image("worker", "kernel", "initrd-2")),
      await drive("image", "delete", image("control-plane", "kernel", "initrd-2")),
      await drive("pxe", "delete", server),
    ];
    assert.deepEqual(gone, [{}, {}, {}]);
    assert.equal(await files(), "");
    assert.equal(await onHost("ls -d /var/lib/flint 2>/dev/null; ss -Hlntu | grep -v ':22 '; true"), "");
    assert.equal((await drive("pxe", "read", server)).id, "");
  });
});
