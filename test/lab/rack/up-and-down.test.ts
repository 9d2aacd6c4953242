// limit: 840 s
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { waitUntil } from "../../../foundation/wait.js";
import { readEvents, type StampedEvent } from "../../../lab/rack/events.js";
import { CHECKOUT, layoutOf, machineFiles } from "../../../lab/rack/layout.js";
import { inNamespace } from "../../../lab/rack/namespace.js";
import { ownedProcesses } from "../../../lab/rack/owned-processes.js";

const RACK = `t${process.pid.toString(36)}`;
const MAC = "52:54:00:0a:00:01";
const FILE = `
name: ${RACK}
networks:
  provisioning: { cidr: 10.9.0.0/24, operator: 10.9.0.254 }
  cluster: { cidr: 10.9.1.0/24, operator: 10.9.1.254 }
host: { address: 10.9.0.1 }
machines:
  one: { mac: "${MAC}", bmc: 10.9.0.150, ipmi: true, memory: 512, disk: 1 }
  two: { mac: "52:54:00:0a:00:02", bmc: 10.9.0.151, memory: 256, disk: 1, firmware: bios }
`;
const RESET = "/Actions/ComputerSystem.Reset";
/** mov dx,0xcf9; mov al,6; out dx,al; hlt – the chipset's reset register, as an operating system's reboot uses it. */
const RESETTING_BOOT_SECTOR = Buffer.alloc(1024 * 1024);
RESETTING_BOOT_SECTOR.set([0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee, 0xf4]);
RESETTING_BOOT_SECTOR.set([0x55, 0xaa], 510);

/** For the rack's network: Flint's own driver, which notes in `seen` what it saw. */
const ipmiSession = (work: string) => `
const { openBmc } = require(${JSON.stringify(join(CHECKOUT, "dist/drivers/bmc/drivers.js"))});
const address = { type: "ipmi", host: "10.9.0.150", username: "admin", password: process.env.BMC_PASSWORD, cipherSuite: 3 };
(async () => {
  const bmc = await openBmc(address, { machine: "one", ask() {}, host: () => Promise.reject(new Error("none")) });
  const seen = {};
  ${work}
  console.log(JSON.stringify(seen));
})();
`;

describe("a virtual rack", function () {
  this.timeout(120_000);
  this.bail(true);
  const layout = layoutOf(RACK);
  const files = machineFiles(layout, "one");
  const dir = mkdtempSync(join(tmpdir(), "flint-rack-"));
  const rackFile = join(dir, "rack.yaml");

  const rack = (...args: string[]) =>
    execa(join(CHECKOUT, "scripts/rack"), ["--rack", RACK, ...args], { timeout: 110_000, stdin: "ignore" });
  const inside = (...command: string[]) =>
    execa(...inNamespace(layout, command), { timeout: 110_000, stdin: "ignore" });
  const redfish = async (machine: "one" | "two", method: string, path: string, body?: object) => {
    const config = join(dir, "curl.conf");
    const password = readFileSync(layout.bmcPassword, "utf8").trim();
    writeFileSync(config, `user = "admin:${password}"\n`, { mode: 0o600 });
    const data = body === undefined ? [] : ["-H", "content-type: application/json", "-d", JSON.stringify(body)];
    const url = `https://${machine === "one" ? "10.9.0.150" : "10.9.0.151"}/redfish/v1/Systems/1${path}`;
    const { stdout } = await inside(
      "curl",
      "-sSf",
      "-K",
      config,
      "--cacert",
      layout.caCertificate,
      "-X",
      method,
      ...data,
      url,
    );
    return stdout === "" ? undefined : JSON.parse(stdout);
  };
  const events = (kind: StampedEvent["event"], machine: string) =>
    readEvents(layout.events).filter(({ event, node }) => event === kind && node === machine);

  before(function () {
    if (process.getuid?.() !== 0) {
      console.log("    SKIPPED: a rack needs root (network namespaces, a container)");
      this.skip();
    }
    writeFileSync(rackFile, FILE);
  });
  after(async () => {
    if (existsSync(layout.dir)) await rack("down");
    rmSync(dir, { recursive: true });
  });

  it("comes up with its provisioning host, reached by its pinned key", async function () {
    this.timeout(600_000); // the host's root is built once per machine
    const { stdout } = await execa(join(CHECKOUT, "scripts/rack"), ["up", "--rack", RACK, "--file", rackFile], {
      timeout: 580_000,
      stdin: "ignore",
    });
    assert.match(stdout, /✓ provisioning host's ssh +root@10\.9\.0\.1/);
    const known = join(layout.dir, "run", "known_hosts");
    const login = ["-o", `UserKnownHostsFile=${known}`, "-o", "BatchMode=yes", "-i", layout.operatorKey];
    const { stdout: services } = await inside(
      ...["ssh", "-F", "none", ...login, "root@10.9.0.1"],
      "systemctl is-active ssh systemd-networkd; systemctl is-active dnsmasq nginx; sshd -T | grep -i ^passwordauth",
    ).catch((error) => error);
    assert.equal(services, "active\nactive\ninactive\ninactive\npasswordauthentication no");
  });

  it("comes up again without touching what runs", async () => {
    const before = ownedProcesses(layout.dir);
    await rack("up", "--file", rackFile);
    assert.deepEqual(ownedProcesses(layout.dir), before);
  });

  it("powers a machine on through Redfish, and its firmware asks the network for an address", async () => {
    const [nsenter, args] = inNamespace(layout, [
      "tcpdump",
      "-lni",
      "prov",
      "-c",
      "1",
      "udp",
      "port",
      "67",
      "and",
      "ether",
      "src",
      MAC,
    ]);
    const wire = execa(nsenter, args, { timeout: 110_000, stdin: "ignore" });
    await redfish("one", "PATCH", "", { Boot: { BootSourceOverrideTarget: "Pxe", BootSourceOverrideEnabled: "Once" } });
    await redfish("one", "POST", RESET, { ResetType: "On" });
    assert.match((await wire).stdout, new RegExp(`BOOTP/DHCP, Request from ${MAC}`));
    const system = await redfish("one", "GET", "");
    assert.deepEqual([system.PowerState, system.Boot.BootSourceOverrideTarget], ["On", "None"]);
    const [boot] = events("boot", "one");
    assert.partialDeepStrictEqual(boot, { node: "one", from: "pxe", order: ["pxe", "disk"], override: "Pxe" });
    assert.match(readFileSync(files.serialLog, "latin1"), />>Start PXE over IPv4/);
  });

  it("shows the machine's display", async () => {
    const png = join(dir, "one.png");
    await rack("screenshot", "one", png);
    assert.equal(readFileSync(png).subarray(1, 4).toString(), "PNG");
  });

  it("keeps machines running when its daemon dies, and finds them again", async () => {
    const [daemon] = ownedProcesses(layout.dir).filter(({ role }) => role === "daemon");
    const machine = ownedProcesses(layout.dir).find(({ role }) => role === "machine one");
    assert.ok(daemon !== undefined && machine !== undefined);
    process.kill(daemon.pid, "SIGKILL");
    await rack("up", "--file", rackFile);
    assert.deepEqual(
      ownedProcesses(layout.dir).find(({ role }) => role === "machine one"),
      machine,
    );
    assert.equal((await redfish("one", "GET", "")).PowerState, "On");
  });

  it("powers a machine through IPMI, by the real ipmitool: off, on with the network first, and off again", async function () {
    this.timeout(120_000);
    const before = events("boot", "one").length;
    const wire = execa(
      ...inNamespace(layout, [
        ...["tcpdump", "-lni", "prov", "-c", "1", "udp", "port", "67", "and", "ether", "src", MAC],
      ]),
      { timeout: 100_000, stdin: "ignore" },
    );
    const session = async (work: string) => {
      const { stdout } = await execa(...inNamespace(layout, [process.execPath, "-e", ipmiSession(work)]), {
        env: { BMC_PASSWORD: readFileSync(layout.bmcPassword, "utf8").trim() },
        timeout: 100_000,
        stdin: "ignore",
      });
      return JSON.parse(stdout);
    };
    const seen = await session(`
      Object.assign(seen, { identity: await bmc.identity(), before: await bmc.power() });
      await bmc.setPower("off");
      seen.off = await bmc.power();
      seen.override = await bmc.setBootOnce("pxe", "uefi");
      await bmc.setPower("on");
      seen.on = await bmc.power();`);
    assert.deepEqual(seen, {
      identity: { vendor: "Flint Lab", model: "Rack node", serial: `RACK-${RACK}-one` },
      before: "on",
      off: "off",
      override: "once",
      on: "on",
    });
    assert.match((await wire).stdout, new RegExp(`BOOTP/DHCP, Request from ${MAC}`));
    assert.equal((await redfish("one", "GET", "")).PowerState, "On");
    const boots = events("boot", "one").slice(before);
    assert.equal(boots.length, 1);
    assert.partialDeepStrictEqual(boots[0], { from: "pxe", order: ["pxe", "disk"], override: "Pxe" });
    await session('await bmc.setPower("off");');
    assert.equal((await redfish("one", "GET", "")).PowerState, "Off");
    const told = events("ipmi", "one").flatMap((event) => (event.event === "ipmi" ? [event.command] : []));
    assert.deepEqual(
      told.filter((command) => command.startsWith("set ")),
      ["set power 0", "set boot pxe", "set power 1", "set power 0"],
    );
    assert.partialDeepStrictEqual(events("power", "one").at(-1), { state: "off", reason: "ipmi power 0" });
  });

  it("uses a one-time boot source for one boot, also when the machine resets itself", async () => {
    const disk = join(dir, "two.raw");
    writeFileSync(disk, RESETTING_BOOT_SECTOR);
    await execa("qemu-img", ["convert", "-O", "qcow2", disk, machineFiles(layout, "two").disk]);
    await redfish("two", "PATCH", "", { Boot: { BootSourceOverrideTarget: "Hdd", BootSourceOverrideEnabled: "Once" } });
    await redfish("two", "POST", RESET, { ResetType: "On" });
    await waitUntil(async () => events("boot", "two").length >= 2, {
      reason: "the second boot",
      deadlineMs: 60_000,
      remedy: "Read the serial log.",
    });
    await redfish("two", "POST", RESET, { ResetType: "ForceOff" });
    const overrides = events("boot", "two").map((event) => event.event === "boot" && event.override);
    assert.deepEqual(overrides.slice(0, 2), ["Hdd", "None"]);
    assert.ok(events("guest-reset", "two").length >= 1);
    assert.partialDeepStrictEqual(events("power", "two").at(-1), { state: "off", reason: "redfish ForceOff" });
  });

  it("is taken down without a trace, also when its daemon has died", async () => {
    const [daemon] = ownedProcesses(layout.dir).filter(({ role }) => role === "daemon");
    if (daemon !== undefined) process.kill(daemon.pid, "SIGKILL");
    await rack("down");
    assert.deepEqual(ownedProcesses(layout.dir), []);
    assert.equal(existsSync(layout.dir), false);
    assert.equal(existsSync(layout.namespaceFile), false);
    assert.ok(!readFileSync("/proc/self/mounts", "utf8").includes(layout.dir));
    assert.ok(!readdirSync("/sys/fs/cgroup").includes(layout.container));
    await assert.rejects(rack("status"), /RACK_NOT_UP/);
  });
});
