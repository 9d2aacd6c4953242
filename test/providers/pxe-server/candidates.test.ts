import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { CANDIDATES } from "../../../providers/pxe-server/candidates.js";
import { parseCandidates, tellCandidate, tellCandidates } from "../../../providers/pxe-server/parse-candidates.js";

const menu = (mac: string, fields: Record<string, string> = {}, t = "2026-11-28T06:48:56+00:00") =>
  JSON.stringify({ t, mac, serial: "", uuid: "", manufacturer: "", product: "", ...fields });

describe("machines that asked to boot and that nobody declared", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "flint-candidates-"));
    for (const directory of ["log", "http/nodes"]) mkdirSync(join(root, directory), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const look = (how = "look") =>
    parseCandidates(
      execFileSync("sh", ["-s", root, how], {
        input: CANDIDATES,
        encoding: "utf8",
        env: { ...process.env, TZ: "UTC" },
      }),
    );

  it("none where nobody asked, or nothing was logged yet", () =>
    assert.deepEqual([look(), tellCandidates("10.0.100.0/24", [])], [[], undefined]));

  it("with what their firmware tells, once each, newest first, without those that have a boot script", () => {
    const lines = [
      menu("52-54-00-00-00-09", { serial: "A%20B", manufacturer: "Flint%20Lab", product: "Rack%20node", uuid: "4c4c" }),
      menu("52-54-00-00-00-01"),
      menu("52-54-00-00-00-0a", {}, "2026-11-28T07:00:00+00:00"),
    ];
    writeFileSync(join(root, "log/unknown.log"), `${lines.join("\n")}\n`);
    writeFileSync(join(root, "http/nodes/52-54-00-00-00-01.ipxe"), "#!ipxe\n");
    const told = { serial: "A B", uuid: "4c4c", manufacturer: "Flint Lab", product: "Rack node" };
    assert.deepEqual(look(), [
      { mac: "52:54:00:00:00:0a", seen: "2026-11-28T07:00:00+00:00" },
      { mac: "52:54:00:00:00:09", ...told, seen: "2026-11-28T06:48:56+00:00" },
    ]);
    assert.equal(
      tellCandidates("10.0.100.0/24", look()),
      "seen on 10.0.100.0/24 and not declared: " +
        "52:54:00:00:00:0a (seen 2026-11-28T07:00:00+00:00, it asked for a boot file only); " +
        "52:54:00:00:00:09 (serial A B, Flint Lab Rack node, seen 2026-11-28T06:48:56+00:00)",
    );
  });

  it("also those whose firmware only asked DHCP for a boot file; a laptop that asks for an address is none", () => {
    const line = (xid: string, text: string) => `Nov 28 06:48:56 dnsmasq-dhcp[77]: ${xid} ${text}`;
    writeFileSync(
      join(root, "log/dnsmasq.log"),
      [
        line("10", "vendor class: PXEClient:Arch:00011:UNDI:003000"),
        line("10", "DHCPDISCOVER(eth1) 52:54:00:00:00:0e "),
        line("11", "vendor class: PXEClient:Arch:00007:UNDI:003000"),
        line("11", "DHCPDISCOVER(eth1) 52:54:00:00:00:0b no address available"),
        line("12", "vendor class: MSFT 5.0"),
        line("12", "DHCPDISCOVER(eth1) 52:54:00:00:00:0c "),
        line("13", "vendor class: HTTPClient:Arch:00016:UNDI:003000"),
        line("13", "DHCPDISCOVER(eth1) 10.0.100.7 52:54:00:00:00:0d "),
        "",
      ].join("\n"),
    );
    const found = look();
    assert.deepEqual(found.map(({ mac }) => mac).sort(), [
      "52:54:00:00:00:0b",
      "52:54:00:00:00:0d",
      "52:54:00:00:00:0e",
    ]);
    assert.deepEqual(
      found.sort((a, b) => (a.mac < b.mac ? -1 : 1)).map(({ architecture }) => architecture),
      ["uefi", "uefi", "arm64"],
    );
    assert.match(found[0]?.seen ?? "", /^[0-9]{4}-11-28T06:48:56\+00:00$/);
  });

  it("their list does not grow without end", () => {
    const file = join(root, "log/unknown.log");
    writeFileSync(file, `${menu("52-54-00-00-00-09", { product: "x".repeat(900) })}\n`.repeat(1_500));
    const { size } = statSync(file);
    assert.equal(look().length, 1);
    assert.equal(statSync(file).size, size, "a preview only looks");
    assert.equal(look("cut").length, 1);
    assert.ok(statSync(file).size < 600_000);
    assert.equal(look().length, 1);
  });

  it("no more than fifty, and nothing that a terminal would obey, whatever somebody sends", () => {
    const hostile = fc.record({ mac: fc.string(), serial: fc.string(), product: fc.string(), t: fc.string() });
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            hostile.map((fields) => `menu ${JSON.stringify(fields)}`),
          ),
        ),
        (lines) => {
          for (const candidate of parseCandidates(lines.join("\n")))
            assert.match(tellCandidate(candidate), /^[0-9a-f:]{17} \([^\p{C}]*\)$/u);
        },
      ),
    );
    const many = Array.from(
      { length: 80 },
      (_, i) => `menu ${menu(`52-54-00-00-00-${i.toString(16).padStart(2, "0")}`)}`,
    );
    assert.equal(parseCandidates(many.join("\n")).length, 50);
    const [one] = parseCandidates(
      `menu ${menu("52-54-00-00-00-09", { serial: "%1b%5b2J", product: "y".repeat(500) })}`,
    );
    assert.equal(one?.serial, "[2J");
    assert.equal(one?.product?.length, 80);
  });
});
