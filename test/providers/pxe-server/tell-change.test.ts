import assert from "node:assert/strict";
import { tellChange } from "../../../providers/pxe-server/tell-change.js";
import { sample } from "./sample.js";

const told = (news: object, olds: object = sample()) =>
  tellChange({ olds: { ...olds }, news: { ...news }, result: { changes: true } });

describe("what a preview says of a PXE server that changes", () => {
  it("what was found changed on the host, and is put right", () => {
    const drift = ["/var/lib/flint/dev/http/boot.ipxe changed", "nginx: start, not running"];
    assert.deepEqual(told(sample(), { ...sample(), drift }), [
      "puts right: /var/lib/flint/dev/http/boot.ipxe changed; nginx: start, not running",
    ]);
  });

  it("that another router or name server interrupts nothing", () => {
    for (const change of [{ gateway: "10.0.100.254" }, { dns: ["10.0.100.53"] }])
      assert.deepEqual(told(sample(change)), ["dnsmasq is reloaded, its transfers go on"]);
  });

  it("that what dnsmasq reads at its start only restarts it, and it alone", () => {
    const restart = "dnsmasq is restarted: leases are kept, a TFTP transfer that is under way ends";
    for (const change of [
      { domain: "other.example.com" },
      { dhcp: { mode: "full", range: ["10.0.100.210", "10.0.100.250"] } },
      { dhcp: { mode: "proxy" } },
      { gateway: "10.0.100.254", domain: "other.example.com" },
    ])
      assert.deepEqual(told(sample(change)), [restart]);
  });

  it("that another port of the web server reloads nginx; DHCP, which names it to machines, is restarted", () => {
    assert.deepEqual(told(sample({ httpUrl: "http://10.0.100.1:8080" })), [
      "nginx is reloaded, its transfers go on",
      "dnsmasq is restarted: leases are kept, a TFTP transfer that is under way ends",
    ]);
  });

  it("nothing of the servers where only the way to the host differs, or the declaration is not known yet", () => {
    const host = { name: "provisioning host", host: "10.0.100.2", privateKey: "key", hostKeys: ["ssh-ed25519 AAAA"] };
    assert.deepEqual(told(sample({ host })), []);
    assert.deepEqual(told({ ...sample(), domain: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }), []);
  });

  it("nothing of the servers that are replaced: the engine says so", () => {
    const result = { changes: true, replaces: ["address"] };
    assert.deepEqual(tellChange({ olds: sample(), news: sample({ address: "10.0.100.2" }), result }), []);
  });
});
