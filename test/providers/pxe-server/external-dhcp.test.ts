import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { copyOf } from "../../../lab/boot/dhcp-neighbour.js";
import type { ExternalDhcp } from "../../../providers/pxe-server/render/external-dhcp/boot-options.js";
import { externalDhcpOptions } from "../../../providers/pxe-server/render/external-dhcp/options.js";

const golden = resolve(__dirname, "../../../../test/providers/pxe-server/golden");
const DHCP: ExternalDhcp = {
  cluster: "dev",
  cidr: "10.0.100.0/24",
  address: "10.0.100.1",
  httpUrl: "http://10.0.100.1",
  machines: [
    { name: "node01", mac: "52:54:00:00:00:01", address: "10.0.100.50" },
    { name: "node02", mac: "52:54:00:00:00:02", address: "10.0.100.51" },
  ],
};
const FILES = {
  iscDhcpd: "external.dhcpd.conf",
  kea: "external.kea.conf",
  dnsmasq: "external.other-dnsmasq.conf",
  routeros: "external.rsc",
} as const;
const SERVERS = ["iscDhcpd", "kea", "dnsmasq", "routeros"] as const;

describe("the options for another DHCP server", () => {
  for (const server of SERVERS)
    it(`${FILES[server]} is as reviewed (UPDATE_GOLDEN=1 writes it anew)`, () => {
      const file = join(golden, FILES[server]);
      const text = externalDhcpOptions(DHCP)[server];
      if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, text);
      assert.equal(text, readFileSync(file, "utf8"));
    });

  it("are accepted by the real ISC dhcpd, Kea and dnsmasq, for one machine and for many", () => {
    const many = Array.from({ length: 200 }, (_, i) => ({
      name: `node${i}`,
      mac: `52:54:00:00:01:${i.toString(16).padStart(2, "0")}`,
      address: `10.0.100.${i + 2}`,
    }));
    for (const machines of [DHCP.machines.slice(0, 1), many]) accepted({ ...DHCP, machines });
  });

  it("no name that the schema lets in leaves its place", () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, name, (cluster, machine) => {
        const one = { name: machine, mac: "52:54:00:00:00:01", address: "10.0.100.50" };
        const texts = externalDhcpOptions({ ...DHCP, cluster, machines: [one] });
        for (const server of SERVERS)
          assert.equal(
            texts[server].split("\n").length,
            externalDhcpOptions({ ...DHCP, machines: [one] })[server].split("\n").length,
          );
        JSON.parse(texts.kea.split("\n").slice(1).join("\n"));
      }),
    );
  });
});

/** Each server's own test of a configuration, ours within the smallest one of an administrator's. */
function accepted(dhcp: ExternalDhcp): void {
  const directory = mkdtempSync(join(tmpdir(), "flint-external-"));
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const write = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const texts = externalDhcpOptions(dhcp);
  try {
    mkdirSync(join(directory, "leases"));
    const subnet = "subnet 10.0.100.0 netmask 255.255.255.0 { range 10.0.100.210 10.0.100.250; }\n";
    const leases = write("dhcpd.leases", "");
    execFileSync(
      copyOf("dhcpd", directory),
      ["-t", "-cf", write("dhcpd.conf", subnet + texts.iscDhcpd), "-lf", leases],
      {
        env,
        stdio: "pipe",
      },
    );
    execFileSync(copyOf("kea-dhcp4", directory), ["-t", write("kea.json", texts.kea)], { env, stdio: "pipe" });
    const range = "dhcp-range=10.0.100.0,static,255.255.255.0\n";
    const conf = write("dnsmasq.conf", range + texts.dnsmasq);
    execFileSync("dnsmasq", ["--test", `--conf-file=${conf}`], { env, stdio: "pipe" });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
