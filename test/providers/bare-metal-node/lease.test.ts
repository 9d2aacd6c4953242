import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FORGET_LEASE } from "../../../providers/bare-metal-node/lease.js";

/** Only systemctl is a stand-in, which notes what it was told. */
describe("BareMetalNode: an address that another card had", () => {
  let directory: string;
  const at = (name: string) => path.join(directory, name);
  const LEASES = "0 52:54:00:00:00:03 10.0.100.52 * *\n0 52:54:00:00:00:02 10.0.100.51 node02 *\n";

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "flint-lease-"));
    writeFileSync(at("systemctl"), `#!/bin/sh\necho "$*" >> ${at("told")}\n`, { mode: 0o755 });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** What systemctl was told, and the leases afterwards. */
  function forget(address: string, mac: string): [string, string] {
    execFileSync("sh", ["-s", "--", at("leases"), address, mac, "flint-dev-dnsmasq.service"], {
      input: FORGET_LEASE,
      env: { ...process.env, PATH: `${directory}:${process.env.PATH}` },
    });
    const read = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), "utf8") : "");
    return [read("told"), read("leases")];
  }

  it("is taken from it while the DHCP server is stopped; the others keep theirs", () => {
    writeFileSync(at("leases"), LEASES);
    assert.deepEqual(forget("10.0.100.52", "52:54:00:00:00:04"), [
      "stop flint-dev-dnsmasq.service\nstart flint-dev-dnsmasq.service\n",
      "0 52:54:00:00:00:02 10.0.100.51 node02 *\n",
    ]);
  });

  it("stays with the card that it is meant for, and nothing is restarted", () => {
    writeFileSync(at("leases"), LEASES.toUpperCase().replace("NODE02", "node02"));
    const [told, leases] = forget("10.0.100.52", "52:54:00:00:00:03");
    assert.equal(told, "");
    assert.equal(leases.split("\n").length, 3);
  });

  it("nobody had it, or there are no leases yet: nothing is done", () => {
    assert.deepEqual(forget("10.0.100.60", "52:54:00:00:00:04"), ["", ""]);
    writeFileSync(at("leases"), LEASES);
    assert.deepEqual(forget("10.0.100.60", "52:54:00:00:00:04"), ["", LEASES]);
  });
});
