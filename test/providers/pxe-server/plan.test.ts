import assert from "node:assert/strict";
import { parseObservation } from "../../../providers/pxe-server/parse-observation.js";
import {
  copies,
  digest,
  type Observation,
  planPxe,
  describe as tell,
  texts,
  watchedFiles,
} from "../../../providers/pxe-server/plan.js";
import { refusal } from "../../../providers/pxe-server/plan-refusals.js";
import { sample } from "./sample.js";

const programs: Record<string, string> & { dnsmasq: string; nginx: string; ip: string } = {
  dnsmasq: "/usr/sbin/dnsmasq",
  nginx: "/usr/sbin/nginx",
  ip: "/usr/sbin/ip",
  curl: "/usr/bin/curl",
  systemctl: "/usr/bin/systemctl",
};
const packaged = new Map(copies("dev").map(({ from: [from] }) => [String(from), digest(String(from))]));

/** A host with everything installed and nothing of Flint's. */
function fresh(changes: Partial<Observation> = {}): Observation {
  return {
    programs,
    versions: {},
    interface: true,
    otherInterfaces: [],
    addresses: ["10.0.100.1/24"],
    ipv6: true,
    files: new Map(packaged),
    units: { dnsmasq: undefined, nginx: undefined },
    listeners: [],
    firewall: { tables: [] },
    ...changes,
  };
}

/** A host on which everything is as `want` says. */
function finished(want = sample()): Observation {
  const seen = fresh();
  const files = new Map(packaged);
  for (const file of texts(want, programs, seen)) files.set(file.path, digest(file.text));
  for (const { from, to } of copies(want.cluster)) files.set(to, packaged.get(from[0] ?? "") ?? "");
  const running = { active: true, enabled: true };
  return { ...seen, files, units: { dnsmasq: { ...running, pid: 10 }, nginx: { ...running, pid: 20 } } };
}

describe("the plan of a PXE server", () => {
  it("on a fresh host: every file, then both services", () => {
    assert.deepEqual(planPxe(sample(), fresh()).map(tell), [
      "/var/lib/flint/dev/http/boot.ipxe missing",
      "/var/lib/flint/dev/tftp/autoexec.ipxe missing",
      "/var/lib/flint/dev/dnsmasq/dnsmasq.conf missing",
      "/var/lib/flint/dev/dnsmasq/dhcp-options missing",
      "/var/lib/flint/dev/nginx/nginx.conf missing",
      "/etc/systemd/system/flint-dev-dnsmasq.service missing",
      "/etc/systemd/system/flint-dev-nginx.service missing",
      "/var/lib/flint/dev/tftp/undionly.kpxe missing",
      "/var/lib/flint/dev/tftp/snponly.efi missing",
      "/var/lib/flint/dev/tftp/ipxe.efi missing",
      "/var/lib/flint/dev/http/boot/snponly.efi missing",
      "/var/lib/flint/dev/http/boot/ipxe.efi missing",
      "nginx: enable, not enabled",
      "nginx: start, not running",
      "dnsmasq: enable, not enabled",
      "dnsmasq: start, not running",
    ]);
  });
  it("on a finished host: nothing", () => assert.deepEqual(planPxe(sample(), finished()), []));
  it("watches every file that it writes or copies", () => {
    const written = texts(sample(), programs, fresh()).map(({ path }) => path);
    const watched = watchedFiles("dev");
    for (const path of [...written, ...copies("dev").flatMap(({ from, to }) => [...from, to])])
      assert.ok(watched.includes(path), path);
  });
  it("another pool restarts DHCP and leaves the web server alone", () => {
    const want = sample({ dhcp: { mode: "full", range: ["10.0.100.210", "10.0.100.250"] } });
    assert.deepEqual(planPxe(want, finished()).map(tell), [
      "/var/lib/flint/dev/dnsmasq/dnsmasq.conf changed",
      "dnsmasq: restart, dnsmasq.conf changed",
    ]);
  });
  it("another router or name server reloads DHCP, which goes on in the same process", () => {
    const want = sample({ gateway: "10.0.100.254", dns: ["10.0.100.53"] });
    assert.deepEqual(planPxe(want, finished()).map(tell), [
      "/var/lib/flint/dev/dnsmasq/dhcp-options changed",
      "dnsmasq: reload, dhcp-options changed",
    ]);
  });
  it("a service that an earlier run has not told of its new files is told now, in the heavier way where files change again", () => {
    const seen = { ...finished(), due: { nginx: "restart", dnsmasq: "reload" } } as const;
    const told = "it was not told of its new files";
    assert.deepEqual(planPxe(sample(), seen).map(tell), [`nginx: restart, ${told}`, `dnsmasq: reload, ${told}`]);
    const want = sample({ dhcp: { mode: "full", range: ["10.0.100.210", "10.0.100.250"] } });
    assert.deepEqual(planPxe(want, seen).map(tell).slice(1), [
      `nginx: restart, ${told}`,
      "dnsmasq: restart, dnsmasq.conf changed",
    ]);
    const { nginx } = seen.units;
    const stopped = { ...seen, units: { ...seen.units, nginx: nginx && { ...nginx, active: false } } };
    assert.deepEqual(planPxe(sample(), stopped).map(tell), ["nginx: start, not running", `dnsmasq: reload, ${told}`]);
  });
  it("where an older release wrote router and name servers into the configuration, DHCP is restarted once", () => {
    const seen = finished();
    seen.files.delete("/var/lib/flint/dev/dnsmasq/dhcp-options");
    seen.files.set("/var/lib/flint/dev/dnsmasq/dnsmasq.conf", digest("of an older release"));
    assert.deepEqual(planPxe(sample(), seen).map(tell), [
      "/var/lib/flint/dev/dnsmasq/dnsmasq.conf changed",
      "/var/lib/flint/dev/dnsmasq/dhcp-options missing",
      "dnsmasq: restart, dnsmasq.conf changed",
    ]);
  });
  it("a host that has iPXE for 64-bit ARM serves it; one that has not lacks nothing", () => {
    const seen = finished();
    const from = "/usr/lib/ipxe/ipxe-arm64.efi";
    assert.ok(watchedFiles("dev").includes(from));
    seen.files.set(from, digest(from));
    assert.deepEqual(planPxe(sample(), seen).map(tell), [
      "/var/lib/flint/dev/dnsmasq/dnsmasq.conf changed",
      "/var/lib/flint/dev/tftp/ipxe-arm64.efi missing",
      "/var/lib/flint/dev/http/boot/ipxe-arm64.efi missing",
      "dnsmasq: restart, dnsmasq.conf changed",
    ]);
  });
  it("a file that was edited on the host is put right; what reads it anew each time is not restarted", () => {
    const seen = finished();
    seen.files.set("/var/lib/flint/dev/http/boot.ipxe", digest("edited"));
    seen.files.delete("/var/lib/flint/dev/tftp/undionly.kpxe");
    assert.deepEqual(planPxe(sample(), seen).map(tell), [
      "/var/lib/flint/dev/http/boot.ipxe changed",
      "/var/lib/flint/dev/tftp/undionly.kpxe missing",
    ]);
  });
  it("an edited web server configuration is reloaded, a stopped service started", () => {
    const seen = finished();
    seen.files.set("/var/lib/flint/dev/nginx/nginx.conf", digest("edited"));
    seen.units.dnsmasq = { pid: 0, active: false, enabled: true };
    assert.deepEqual(planPxe(sample(), seen).map(tell), [
      "/var/lib/flint/dev/nginx/nginx.conf changed",
      "nginx: reload, nginx.conf changed",
      "dnsmasq: start, not running",
    ]);
  });
});

describe("what is refused before anything is touched", () => {
  const listener = {
    protocol: "udp",
    address: "0.0.0.0",
    device: undefined,
    port: 67,
    program: "dhcpd",
    pid: 99,
  } as const;

  it("nothing on a host that is ready, nor on one where Flint runs already", () => {
    assert.equal(refusal(sample(), fresh()), undefined);
    const own = { ...listener, program: "dnsmasq", pid: 10 };
    const workers = [21, 20].map((pid) => ({ ...own, protocol: "tcp" as const, port: 80, program: "nginx", pid }));
    assert.equal(refusal(sample(), { ...finished(), listeners: [own, ...workers] }), undefined);
  });
  it("a port that belongs to another program, with its owner and what to do", () => {
    const seen = fresh({
      listeners: [
        { ...listener, unit: "isc-dhcp-server.service" },
        { ...listener, protocol: "tcp", address: "::", port: 80, program: "nginx", pid: 31, unit: "nginx.service" },
        { ...listener, protocol: "tcp", address: "::", port: 80, program: "nginx", pid: 30, unit: "nginx.service" },
      ],
    });
    assert.equal(
      refusal(sample(), seen)?.message,
      "preparation, provisioning host: expected UDP port 67 (DHCP), TCP port 80 (HTTP) free on 10.0.100.1 but found " +
        "dhcpd on UDP port 67, process 99 of isc-dhcp-server.service; nginx on TCP port 80, process 30 of nginx.service. " +
        "Stop it there: `systemctl disable --now isc-dhcp-server.service nginx.service`, or let Flint use another host. " +
        "[PXE_PORT_OCCUPIED]",
    );
  });
  it("not a DHCP server on this very host, where it gives out what machines need to boot; but one of TFTP", () => {
    const want = sample({ dhcp: { mode: "external" } });
    assert.equal(refusal(want, fresh({ listeners: [listener, { ...listener, port: 4011 }] })), undefined);
    const tftp = { ...listener, port: 69, program: "in.tftpd" };
    assert.match(refusal(want, fresh({ listeners: [tftp] }))?.message ?? "", /expected UDP port 69 \(TFTP\) free/);
  });
  it("not a DHCP server on another interface, nor a web server on another address", () => {
    const seen = fresh({
      listeners: [
        { ...listener, device: "virbr0" },
        { ...listener, protocol: "tcp", address: "127.0.0.1", port: 80 },
      ],
    });
    assert.equal(refusal(sample(), seen), undefined);
  });
  it("a wrong interface, with those there are", () => {
    assert.equal(
      refusal(sample(), fresh({ interface: false, otherInterfaces: ["eno1", "lo"], addresses: [] }))?.message,
      "preparation, provisioning host: expected interface eth1 with address 10.0.100.1 but found no interface eth1, " +
        "only eno1, lo. Correct pxe.interface and pxe.address, or configure the interface on the host. [PXE_INTERFACE]",
    );
  });
  it("a host on which programs are missing", () => {
    const { dnsmasq: _, ...withoutDnsmasq } = programs;
    const seen = fresh({ programs: withoutDnsmasq });
    seen.files.delete("/usr/lib/ipxe/undionly.kpxe");
    assert.equal(
      refusal(sample(), seen)?.message,
      "preparation, provisioning host: expected systemd, dnsmasq, nginx, curl, iproute2 and iPXE's boot files but found dnsmasq, " +
        "/usr/lib/ipxe/undionly.kpxe missing. Let Flint install them (pxe.prepare: true), or run `apt-get install " +
        "dnsmasq-base nginx-light ipxe curl iproute2` there. [PXE_HOST_INCOMPLETE]",
    );
  });
});

describe("one look at the host", () => {
  it("knows a unit that runs on without its file for ours, and its port with it", () => {
    const seen = parseObservation("unit nginx 30 active missing\nunit dnsmasq 0 inactive not-found\nend\n");
    assert.deepEqual(seen.units, { nginx: { pid: 30, active: true, enabled: false }, dnsmasq: undefined });
  });
  it("is read from what the host prints", () => {
    const seen = parseObservation(
      [
        'os PRETTY_NAME="NixOS 25.05 (Warbler)"',
        "os ID=nixos",
        "unit-directory /etc/systemd/system.attached",
        "program dnsmasq /usr/sbin/dnsmasq",
        "version dnsmasq 2.90",
        "interface eth1",
        "address 10.0.100.1/24",
        "ipv6 yes",
        "file abc /var/lib/flint/dev/http/boot.ipxe",
        "unit dnsmasq 237 active enabled",
        "unit nginx 0 inactive missing",
        'listener udp 0.0.0.0%eth1:67 users:(("dnsmasq",pid=237,fd=4))',
        'listener tcp [::]:80 users:(("nginx",pid=31,fd=6),("nginx",pid=30,fd=6))',
        "process 237 flint-dev-dnsmasq.service",
        "process 30 nginx.service",
        "end",
        "",
      ].join("\n"),
    );
    const udp = { protocol: "udp", address: "0.0.0.0", device: "eth1", port: 67, program: "dnsmasq", pid: 237 };
    const tcp = { protocol: "tcp", address: "::", device: undefined, port: 80, program: "nginx" };
    assert.deepEqual(seen, {
      os: { id: "nixos", like: [], name: "NixOS 25.05 (Warbler)" },
      unitDirectory: "/etc/systemd/system.attached",
      firewall: { tables: [] },
      programs: { dnsmasq: "/usr/sbin/dnsmasq" },
      versions: { dnsmasq: "2.90" },
      interface: true,
      otherInterfaces: [],
      addresses: ["10.0.100.1/24"],
      ipv6: true,
      files: new Map([["/var/lib/flint/dev/http/boot.ipxe", "abc"]]),
      units: { dnsmasq: { pid: 237, active: true, enabled: true }, nginx: undefined },
      listeners: [
        { ...udp, unit: "flint-dev-dnsmasq.service" },
        { ...tcp, pid: 31, unit: undefined },
        { ...tcp, pid: 30, unit: "nginx.service" },
      ],
    });
  });
  it("that was cut off is an error, not a host without files", () => {
    assert.throws(() => parseObservation("program dnsmasq /usr/sbin/dnsmasq\n"), /cut off/);
  });
});
