import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import fc from "fast-check";
import { renderAutoexec, renderBootIpxe } from "../../../providers/pxe-server/render/boot-ipxe.js";
import { renderDhcpOptions, renderDnsmasq } from "../../../providers/pxe-server/render/dnsmasq.js";
import { renderNginx } from "../../../providers/pxe-server/render/nginx.js";
import { renderDnsmasqUnit, renderNginxUnit } from "../../../providers/pxe-server/render/unit.js";
import { inputsSchema } from "../../../providers/pxe-server/schema.js";
import { sample } from "./sample.js";

const golden = resolve(__dirname, "../../../../test/providers/pxe-server/golden");
const programs = { dnsmasq: "/usr/sbin/dnsmasq", nginx: "/usr/sbin/nginx", ip: "/usr/sbin/ip" };

const RENDERED: Record<string, string> = {
  "full.dnsmasq.conf": renderDnsmasq(sample({ gateway: "10.0.100.254", dns: ["10.0.100.53", "10.0.100.54"] }), {
    ipv6: true,
  }),
  "static.dnsmasq.conf": renderDnsmasq(sample({ dhcp: { mode: "full", leaseTime: 600 } }), { ipv6: false }),
  "proxy.dnsmasq.conf": renderDnsmasq(sample({ dhcp: { mode: "proxy" } }), { ipv6: true }),
  "arm64.dnsmasq.conf": renderDnsmasq(sample(), { ipv6: false, arm64: true }),
  "arm64-proxy.dnsmasq.conf": renderDnsmasq(sample({ dhcp: { mode: "proxy" } }), { ipv6: false, arm64: true }),
  "relay.dnsmasq.conf": renderDnsmasq(
    sample({ address: "10.9.0.1", gateway: "10.0.100.254", dhcp: { mode: "full", leaseTime: 600, relay: true } }),
    { ipv6: true },
  ),
  "external.dnsmasq.conf": renderDnsmasq(sample({ dhcp: { mode: "external" } }), { ipv6: true }),
  "full.dhcp-options": renderDhcpOptions(sample({ gateway: "10.0.100.254", dns: ["10.0.100.53", "10.0.100.54"] })),
  "empty.dhcp-options": renderDhcpOptions(sample()),
  "nginx.conf": renderNginx(sample()),
  "boot.ipxe": renderBootIpxe(sample()),
  "autoexec.ipxe": renderAutoexec(sample()),
  "dnsmasq.service": renderDnsmasqUnit(sample(), programs, { ipv6: true }),
  "nginx.service": renderNginxUnit(sample(), programs),
};

describe("what the provisioning host is given", () => {
  for (const [name, text] of Object.entries(RENDERED))
    it(`${name} is as reviewed (UPDATE_GOLDEN=1 writes it anew)`, () => {
      const file = join(golden, name);
      if (process.env.UPDATE_GOLDEN === "1") {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      assert.equal(text, readFileSync(file, "utf8"));
    });

  it("iPXE takes each line of boot.ipxe that it shows as text: none begins with what may be an option", () => {
    const shown = [...renderBootIpxe(sample()).matchAll(/^echo (.*)$/gm)].map(([, text = ""]) => text);
    assert.ok(shown.length > 10);
    for (const text of shown) assert.match(text, /^[A-Za-z]/);
  });

  it("dnsmasq itself accepts every mode", () => {
    const directory = mkdtempSync(join(tmpdir(), "flint-dnsmasq-"));
    try {
      for (const name of [
        "full.dnsmasq.conf",
        "static.dnsmasq.conf",
        "proxy.dnsmasq.conf",
        "relay.dnsmasq.conf",
        "arm64.dnsmasq.conf",
        "arm64-proxy.dnsmasq.conf",
        "external.dnsmasq.conf",
      ]) {
        const file = join(directory, name);
        // The directories of a provisioning host are not here.
        writeFileSync(file, (RENDERED[name] ?? "").replaceAll("/var/lib/flint/dev", directory));
        for (const inner of ["tftp", "dnsmasq/hosts.d", "log"]) mkdirSync(join(directory, inner), { recursive: true });
        execFileSync("dnsmasq", ["--test", `--conf-file=${file}`], { stdio: "pipe", env: withSbin() });
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("nginx itself accepts its configuration", () => {
    const directory = mkdtempSync(join(tmpdir(), "flint-nginx-"));
    try {
      for (const inner of ["log", "nginx"]) mkdirSync(join(directory, inner));
      const file = join(directory, "nginx.conf");
      const text = renderNginx(sample({ address: "127.0.0.1", httpUrl: "http://127.0.0.1:18080" }));
      writeFileSync(
        file,
        text.replaceAll("/var/lib/flint/dev", directory).replace("/run/flint-dev-nginx.pid", `${directory}/pid`),
      );
      execFileSync("nginx", ["-t", "-q", "-p", directory, "-c", file], { stdio: "pipe", env: withSbin() });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("hostile names", () => {
  const refused = (changes: object) => inputsSchema.safeParse({ ...sample(), ...changes }).success === false;

  it("no text with a line break, a quote or a blank gets into a configuration", () => {
    const hostile = fc
      .tuple(
        fc.string(),
        fc.constantFrom("\n", "\r", '"', "'", " ", ";", "$", "`", "{", "\\", "/", "#", ","),
        fc.string(),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(hostile, (text) => {
        for (const key of ["cluster", "interface", "address", "cidr", "httpUrl", "gateway", "domain"])
          if (key !== "cidr" || !/^[0-9.]+\/[0-9]+$/.test(text)) assert.ok(refused({ [key]: text }), key);
        assert.ok(refused({ dns: [text] }));
        assert.ok(refused({ dhcp: { mode: "full", range: [text, text] } }));
      }),
    );
  });

  it("what the schema accepts renders to lines of known directives only", () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
    const directive = /^(#.*|[a-z0-9-]+(=[A-Za-z0-9.,:/"!_-]*)?|)$/;
    fc.assert(
      fc.property(name, name, (cluster, nic) => {
        const want = sample({ cluster, interface: nic.slice(0, 15).replace(/-$/, "x") });
        for (const line of renderDnsmasq(want, { ipv6: true }).split("\n")) assert.match(line, directive);
      }),
    );
  });
});

function withSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
}
