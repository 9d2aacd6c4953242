import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parseLogs, READ_LOGS } from "../../../../providers/bare-metal-node/doctor/parse-logs.js";

const MAC = "52:54:00:15:00:01";
const OTHER = "52:54:00:15:00:02";
const ADDRESS = "10.21.0.51";

/** As dnsmasq 2.90 and nginx 1.22 wrote them. */
const packet = (second: number, mac: string, vendor: string) =>
  [
    "available DHCP range: 10.21.0.200 -- 10.21.0.220",
    `vendor class: ${vendor}`,
    `DHCPDISCOVER(host0) ${mac} `,
    "tags: flint, known, efi64, host0",
    `DHCPOFFER(host0) ${mac === MAC ? ADDRESS : "10.21.0.52"} ${mac} `,
    "requested options: 1:netmask, 2:time-offset, 3:router, 4, 5, ",
    "sent size:  1 option: 53 message-type  2",
  ].map((line) => `Nov 28 05:53:${second} dnsmasq-dhcp[235]: 2479799769 ${line}`);
const tftp = (address: string) =>
  `Nov 28 05:53:33 dnsmasq-tftp[235]: sent /var/lib/flint/drx/tftp/snponly.efi to ${address}`;
const http = (ip: string, msec = "1795845219.849") =>
  `{"t":"2026-11-28T05:53:39+00:00","msec":${msec},"ip":"${ip}","method":"GET","uri":"/boot.ipxe","status":200,"bytes":698,"seconds":0.000,"agent":"iPXE/1.0.0"}`;

const at = (time: string) => Date.parse(`2026-11-28T${time}Z`);
const NOW = `now ${at("06:00:00") / 1000} 2026 +0000`;

describe("flint doctor: the boot servers' logs of one machine", () => {
  let root: string;
  const read = (...args: string[]) =>
    execFileSync("sh", ["-s", "--", ...args], {
      input: READ_LOGS,
      encoding: "utf8",
      env: { ...process.env, TZ: "UTC" },
    });

  before(() => {
    root = mkdtempSync(join(tmpdir(), "flint-logs-"));
    for (const folder of ["log", "nodes/node01"]) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, "nodes/node01/record.json"), "{}");
    const lines = [
      ...packet(28, OTHER, "PXEClient:Arch:00000:UNDI:002001"),
      ...packet(29, MAC, "PXEClient:Arch:00007:UNDI:003000"),
      tftp("10.21.0.5"),
      tftp("10.21.0.510"),
      tftp(ADDRESS),
    ];
    writeFileSync(join(root, "log/dnsmasq.log"), `${lines.join("\n")}\n`);
    writeFileSync(join(root, "log/http.log"), `${[http("10.21.0.5"), http(ADDRESS)].join("\n")}\n`);
  });
  after(() => rmSync(root, { recursive: true }));

  it("the host sends what is about this machine, and nothing of others", () => {
    const text = read(root, MAC, ADDRESS, "node01");
    assert.match(text, /^now \d+ \d{4} \+0000\nrecord \d+\n/);
    assert.doesNotMatch(text, /52:54:00:15:00:02|10\.21\.0\.5\b(?!1)|510|sent size|tags|00000/);
    const events = parseLogs(text)?.events.map(({ event }) =>
      event.kind === "dhcp" ? [event.message, event.asker, event.architecture] : event.kind,
    );
    assert.deepEqual(events, [["DHCPDISCOVER", "firmware", 7], ["DHCPOFFER", "firmware", 7], "tftp", "http"]);
  });

  it("no logs and no record are no error", () => {
    assert.match(read(join(root, "none"), MAC, ADDRESS, "node01"), /^now \d+ \d{4} [+-]\d{4}\n$/);
  });

  it("a log of any length is sent in part", () => {
    const many = Array.from({ length: 3000 }, () => packet(29, MAC, "PXEClient:Arch:00007:UNDI:003000")).flat();
    writeFileSync(join(root, "log/dnsmasq.log"), `${many.join("\n")}\n`);
    writeFileSync(join(root, "log/http.log"), `${Array.from({ length: 3000 }, () => http(ADDRESS)).join("\n")}\n`);
    assert.ok(read(root, MAC, ADDRESS, "node01").split("\n").length <= 1205);
  });
});

describe("flint doctor: times of the boot servers' logs", () => {
  const times = (clock: string, ...lines: string[]) =>
    parseLogs([clock, ...lines].join("\n"))?.events.map((event) => new Date(event.at).toISOString());

  it("are UTC, to the millisecond where the web server tells it", () =>
    assert.deepEqual(times(NOW, http(ADDRESS), tftp(ADDRESS)), [
      "2026-11-28T05:53:33.000Z",
      "2026-11-28T05:53:39.849Z",
    ]));

  it("are the host's local ones in dnsmasq's log", () => {
    assert.deepEqual(times(`now ${at("06:00:00") / 1000} 2026 +0530`, tftp(ADDRESS)), ["2026-11-28T00:23:33.000Z"]);
    assert.deepEqual(times(`now ${at("23:00:00") / 1000} 2026 -0800`, tftp(ADDRESS)), ["2026-11-28T13:53:33.000Z"]);
  });

  it("have the year before where they would lie in the future", () => {
    const clock = `now ${Date.parse("2027-01-01T00:10:00Z") / 1000} 2027 +0000`;
    assert.deepEqual(times(clock, "Dec 31 23:59:59 dnsmasq-tftp[2]: sent /t/a.efi to 10.0.0.1"), [
      "2026-12-31T23:59:59.000Z",
    ]);
  });

  it("a record's own time is told", () =>
    assert.equal(parseLogs(`${NOW}\nrecord 1795845194`)?.recordAt, 1795845194000));

  it("what is no such text is none", () => {
    assert.equal(parseLogs(""), undefined);
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, rest) => {
        parseLogs(first);
        parseLogs(`${NOW}\n${rest}`);
      }),
    );
  });
});
