import assert from "node:assert/strict";
import { sendMagicPacket } from "../../../../drivers/bmc/wake-on-lan/send-packet.js";
import { Clock } from "../../../../lab/simulated/clock.js";
import { hostCommands } from "../../../../lab/simulated/host/commands.js";
import { ProvisioningHost } from "../../../../lab/simulated/host/host.js";
import { Ledger } from "../../../../lab/simulated/ledger.js";
import { NOT_FOUND, runCommand } from "../../../../lab/simulated/ssh/shell.js";
import { renderDhcpHost } from "../../../../providers/bare-metal-node/render/dhcp-host.js";
import { parseWire, type WireEvent } from "../../../../providers/bare-metal-node/wire/parse-wire.js";
import { CANDIDATES } from "../../../../providers/pxe-server/candidates.js";
import { OBSERVE } from "../../../../providers/pxe-server/observe.js";
import { parseCandidates } from "../../../../providers/pxe-server/parse-candidates.js";
import { parseObservation } from "../../../../providers/pxe-server/parse-observation.js";
import { UNKNOWN_PATH } from "../../../../providers/pxe-server/render/boot-ipxe.js";

const MAC = "52:54:00:00:00:01";
const ADDRESS = "10.77.1.2";

function newHost() {
  const description = { name: "pxe1", address: "10.77.0.1", network: "10.77.0.1/16", interface: "eth1" };
  return new ProvisioningHost(description, new Ledger(new Clock()));
}
const call = (script: string, argv: string[] = []) => ({
  argv,
  script,
  stdin: Buffer.alloc(0),
  signal: new AbortController().signal,
  print: () => {},
});

describe("A simulated provisioning host", () => {
  const commands = hostCommands("sim");

  it("is seen as one where the programs are, and nothing of Flint's runs", async () => {
    const { stdout } = await runCommand(commands, newHost(), call(`HTTP_PORT=80\n${OBSERVE}`, ["eth1", "flint-sim"]));
    const seen = parseObservation(String(stdout));
    assert.equal(seen.interface, true);
    assert.deepEqual(seen.addresses, ["10.77.0.1/16"]);
    assert.deepEqual(seen.units, { dnsmasq: undefined, nginx: undefined });
    assert.deepEqual(seen.versions, { dnsmasq: "2.90", nginx: "1.22.1" });
  });

  it("gives a registered card its address once its DHCP server runs, and logs it as dnsmasq does", () => {
    const host = newHost();
    const seen: WireEvent[] = [];
    host.follow((line) => seen.push(...[parseWire(line)].filter((event) => event !== undefined)));
    host.files.write(
      "/var/lib/flint/sim/dnsmasq/hosts.d/node01",
      renderDhcpHost({ mac: MAC, address: ADDRESS, name: "node01" }),
    );
    assert.equal(host.dhcp(MAC), undefined);
    host.start("flint-sim-dnsmasq.service");
    assert.equal(host.dhcp(MAC), ADDRESS);
    assert.equal(host.dhcp("52:54:00:00:00:02"), undefined);
    assert.deepEqual(
      seen.map((event) => (event.kind === "dhcp" ? [event.message, event.mac, event.address] : [])),
      [
        ["DHCPDISCOVER", MAC, undefined],
        ["DHCPOFFER", MAC, ADDRESS],
        ["DHCPREQUEST", MAC, ADDRESS],
        ["DHCPACK", MAC, ADDRESS],
        ["DHCPDISCOVER", "52:54:00:00:00:02", undefined],
      ],
    );
  });

  it("gives a card that nobody registered an address of the pool, and keeps who it says it is as nginx does", async () => {
    const host = newHost();
    const root = "/var/lib/flint/sim";
    for (const server of ["dnsmasq", "nginx"]) host.start(`flint-sim-${server}.service`);
    assert.equal(host.dhcp(MAC), undefined);
    host.files.write(`${root}/dnsmasq/dnsmasq.conf`, "dhcp-range=10.77.200.255,10.77.201.0,255.255.0.0,3600\n");
    const others = ["52:54:00:00:00:02", "52:54:00:00:00:03"];
    const lent = [MAC, MAC, ...others].map((mac) => host.dhcp(mac));
    assert.deepEqual(lent, ["10.77.200.255", "10.77.200.255", "10.77.201.0", undefined]);
    const words = "mac=52-54-00-00-00-01&serial=A%20B&uuid=4c4c&manufacturer=Flint&product=";
    assert.equal(host.http(String(lent[0]), `${UNKNOWN_PATH}?${words}`)?.toString(), "seen\n");
    const look = async () =>
      parseCandidates(String((await runCommand(commands, host, call(CANDIDATES, [root]))).stdout));
    const [{ seen, ...candidate } = { seen: "" }, ...more] = await look();
    assert.deepEqual(candidate, { mac: MAC, serial: "A B", uuid: "4c4c", manufacturer: "Flint" });
    assert.ok(Math.abs(Date.parse(seen) - Date.now()) < 600_000, seen);
    assert.deepEqual(more, []);
    host.files.write(`${root}/http/nodes/52-54-00-00-00-01.ipxe`, "#!ipxe\n");
    assert.deepEqual(await look(), []);
  });

  it("gives a machine's keys to that machine's address only", () => {
    const host = newHost();
    host.start("flint-sim-nginx.service");
    host.files.write(`/var/lib/flint/sim/http/keys/${ADDRESS}/abc.cpio`, "keys");
    assert.equal(host.http(ADDRESS, `/keys/${ADDRESS}/abc.cpio`)?.toString(), "keys");
    assert.equal(host.http("10.77.1.3", `/keys/${ADDRESS}/abc.cpio`), undefined);
  });

  it("sends a packet that wakes a machine, from its own address only", async () => {
    const host = newHost();
    const woken: string[] = [];
    host.wake = (mac) => void woken.push(mac);
    const session = {
      target: { name: "provisioning host", host: "10.77.0.1", privateKey: "", hostKeys: [] },
      exec: async (argv: readonly string[], { stdin = "" }: { stdin?: string | Buffer } = {}) => {
        const { script: _, ...command } = call("", [...argv]);
        const answer = await runCommand(commands, host, { ...command, stdin: Buffer.from(stdin) });
        return { code: answer.code ?? 0, stdout: String(answer.stdout ?? ""), stderr: answer.stderr ?? "" };
      },
    };
    await sendMagicPacket(session, "node01", { mac: MAC, from: "10.77.0.1" }, undefined);
    assert.deepEqual(woken, [MAC]);
    await assert.rejects(sendMagicPacket(session, "node01", { mac: MAC, from: "10.77.0.2" }, undefined), {
      code: "WAKE_NOT_SENT",
    });
  });

  it("says of a script that it does not know that it does not know it", async () => {
    const answer = await runCommand(commands, newHost(), call("rm -rf /"));
    assert.deepEqual(answer, {
      code: NOT_FOUND,
      stderr: "the simulated system does not know this command: rm -rf /\n",
    });
  });
});
