import { createHash } from "node:crypto";
import { once } from "node:events";
import { renderPrepare, renderUnprepare } from "../../../components/cluster/render-host-script.js";
import { SEND_PACKET } from "../../../drivers/bmc/wake-on-lan/send-packet.js";
import { WRITE_FILE, WRITE_FILES } from "../../../drivers/ssh/file-scripts.js";
import { START_SERVERS } from "../../../providers/bare-metal-node/boot-servers.js";
import { READ_LOGS } from "../../../providers/bare-metal-node/doctor/parse-logs.js";
import { FORGET_LEASE } from "../../../providers/bare-metal-node/lease.js";
import { OTHERS_SCRIPTS } from "../../../providers/bare-metal-node/other-cluster.js";
import { FOLLOW_SCRIPT } from "../../../providers/bare-metal-node/wire/follow.js";
import { FINISH } from "../../../providers/netboot-image/upload.js";
import { CANDIDATES } from "../../../providers/pxe-server/candidates.js";
import { OBSERVE } from "../../../providers/pxe-server/observe.js";
import { FETCH } from "../../../providers/pxe-server/on-host.js";
import { ACTIVATE, COPY, REMOVE, TEST, WITHOUT_TAGS } from "../../../providers/pxe-server/perform.js";
import { LOCK } from "../../../providers/runtime/lock/script.js";
import { fileCommands } from "../ssh/file-commands.js";
import { lock } from "../ssh/lock.js";
import type { Commands, Handler, ShellCall } from "../ssh/shell.js";
import type { ProvisioningHost } from "./host.js";
import { imageCommands } from "./image-commands.js";
import { noteOf, othersScripts } from "./registered.js";
import { renderCandidates } from "./unknown.js";

/** Scripts that need space on the disk. */
const WRITING: readonly string[] = [WRITE_FILE, WRITE_FILES, COPY, FINISH];

const NEXT = ".next";
const TICK_MS = 1_000;

/** Everything that Flint asks of a provisioning host, for a cluster of this name. */
export function hostCommands(cluster: string): Commands<ProvisioningHost> {
  const commands: Commands<ProvisioningHost> = {
    scripts: [
      ...fileCommands<ProvisioningHost>(
        ({ files }) => files,
        (host, path) => changed(host, `wrote ${path}`, noteOf(path, host.files.text(path))),
      ),
      ...imageCommands,
      [renderPrepare(cluster), () => ({ stdout: "ready\n" })],
      [renderUnprepare(cluster), () => ({})],
      [OBSERVE, (host, { argv, script }) => ({ stdout: renderObservation(host, argv, portOf(script)) })],
      [
        COPY,
        (host, { argv }) => {
          for (let at = 0; at < argv.length; at += 2)
            host.files.write(`${argv[at + 1]}${NEXT}`, host.files.read(argv[at] ?? "") ?? "");
          return {};
        },
      ],
      [TEST, () => ({})],
      [WITHOUT_TAGS, () => ({})], // no older release has written entries here
      [ACTIVATE, activate],
      [REMOVE, remove],
      [
        FETCH,
        (host, { argv: [, ...urls] }) => ({ stdout: urls.map((url) => `${url} ${fetched(host, url)} \n`).join("") }),
      ],
      [CANDIDATES, ({ files }, { argv: [root = ""] }) => ({ stdout: renderCandidates(files, root) })],
      [FORGET_LEASE, () => ({})],
      [OTHERS_SCRIPTS, othersScripts],
      [START_SERVERS, startServers],
      [
        LOCK,
        ({ files, ledger, name: machine }, call) =>
          lock(files, call, (event, more) => ledger.add({ event, machine, ...more })),
      ],
      [FOLLOW_SCRIPT, follow],
      // What its servers log is told to those who follow, and kept nowhere.
      [READ_LOGS, () => ({ stdout: `now ${Math.floor(Date.now() / 1000)} 2000 +0000\n` })],
    ],
    programs: {
      mkdir: () => ({}),
      rmdir: () => ({}),
      rm(host, { argv }) {
        for (const path of argv.slice(1).filter((word) => !word.startsWith("-"))) host.files.remove(path);
        changed(host, argv.join(" "));
        return {};
      },
      systemctl: (host, { argv }) => changed(host, argv.join(" ")),
      // The question for other DHCP servers, which none answers; or a packet that wakes a machine.
      perl: (host, call) => (call.stdin.toString("utf8") === SEND_PACKET ? wake(host, call) : {}),
      ip: ({ description }) => ({
        stdout: `2: ${description.interface}    inet ${description.network} scope global ${description.interface}\n`,
      }),
    },
  };
  const scripts = commands.scripts.map(
    ([text, handler]) => [text, WRITING.includes(text) ? unlessFull(handler) : handler] as const,
  );
  return { ...commands, scripts };
}

const unlessFull =
  (handler: Handler<ProvisioningHost>): Handler<ProvisioningHost> =>
  (host, call) =>
    host.faults.diskFull ? { code: 1, stderr: "cat: write error: No space left on device\n" } : handler(host, call);

function changed(host: ProvisioningHost, what: string, note?: string): undefined {
  host.ledger.of(host.name).changes += 1;
  host.ledger.add({ event: "command", machine: host.name, what, ...(note === undefined ? {} : { note }) });
  return undefined;
}

/** As the script of drivers/bmc/wake-on-lan/send-packet.ts: own address, port, packet, times. */
function wake(host: ProvisioningHost, { argv: [, , from, , packet = ""] }: ShellCall) {
  if (from !== host.description.address) return { code: 1, stderr: `${from}: Cannot assign requested address\n` };
  const [, mac] = /^f{12}([0-9a-f]{12})\1{15}$/.exec(packet) ?? [];
  if (mac === undefined) return { code: 1, stderr: "no magic packet\n" };
  const address = mac.replace(/(..)(?=.)/g, "$1:");
  changed(host, `woke ${address}`);
  host.wake(address);
  return {};
}

const portOf = (script = "") => /^HTTP_PORT=(\d+)$/m.exec(script)?.[1] ?? "80";
const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");

function renderObservation(
  host: ProvisioningHost,
  [device = "", prefix = "", ...paths]: readonly string[],
  port: string,
) {
  const { description, files, units } = host;
  const lines = ["dnsmasq", "nginx", "ip", "curl", "perl", "systemctl"].map(
    (program) => `program ${program} /usr/sbin/${program}`,
  );
  lines.push("version dnsmasq 2.90", "version nginx 1.22.1");
  if (device === description.interface) lines.push(`interface ${device}`, `address ${description.network}`);
  else lines.push(`other ${description.interface}`);
  for (const path of paths) {
    const content = files.read(path);
    if (content !== undefined) lines.push(`file ${sha256(content)} ${path}`);
  }
  for (const service of ["dnsmasq", "nginx"]) {
    const unit = units.get(`${prefix}-${service}.service`);
    const enabled = unit === undefined ? "missing" : unit.enabled ? "enabled" : "disabled";
    lines.push(`unit ${service} ${unit?.pid ?? 0} ${unit?.active ? "active" : "inactive"} ${enabled}`);
    if (!unit?.active) continue;
    const socket = service === "dnsmasq" ? `udp 0.0.0.0%${device}:67` : `tcp ${description.address}:${port}`;
    lines.push(`listener ${socket} users:(("${service}",pid=${unit.pid},fd=4))`);
    lines.push(`process ${unit.pid} ${prefix}-${service}.service`);
  }
  return `${lines.join("\n")}\nend\n`;
}

function activate(host: ProvisioningHost, { argv: [, , count = "0", ...words] }: ShellCall) {
  const paths = words.slice(0, Number(count));
  const actions = words.slice(Number(count));
  for (const path of paths) host.files.move(`${path}${NEXT}`, path);
  for (let at = 0; at < actions.length; at += 2) {
    const [action, unit = ""] = [actions[at], actions[at + 1]];
    changed(host, `${action} ${unit}`);
    if (action === "enable") host.enable(unit);
    else if (action !== "reload") host.start(unit);
  }
  return {};
}

function startServers(host: ProvisioningHost, { argv: [, ...units] }: ShellCall) {
  const ended = units.filter((unit) => !host.units.get(unit)?.active);
  for (const unit of ended) {
    if (!host.units.has(unit)) return { code: 5, stderr: `Failed to start ${unit}: Unit ${unit} not found.\n` };
    host.start(unit);
    changed(host, `start ${unit}`);
  }
  return { stdout: ended.map((unit) => `${unit}\n`).join("") };
}

function remove(host: ProvisioningHost, { argv: [root = "", prefix = ""] }: ShellCall) {
  for (const service of ["dnsmasq", "nginx"]) {
    const unit = `${prefix}-${service}.service`;
    host.units.delete(unit);
    host.files.remove(`/etc/systemd/system/${unit}`);
  }
  const all = ["dnsmasq", "nginx", "tftp", "log", "http/boot", "http/nodes", "http/keys", "http/boot.ipxe"];
  for (const path of all) host.files.remove(`${root}/${path}`);
  changed(host, "removed the PXE server");
  return {};
}

/** As the script of providers/pxe-server/on-host.ts prints it. */
function fetched({ files, units }: ProvisioningHost, url: string): string {
  const { protocol, pathname } = new URL(url);
  const server = protocol === "tftp:" ? "dnsmasq" : "nginx";
  const unit = [...units].find(([name, { active }]) => active && name.endsWith(`-${server}.service`))?.[0];
  const root = `/var/lib/flint/${/^flint-(.*)-\w+\.service$/.exec(unit ?? "")?.[1]}`;
  const content = files.read(`${root}/${protocol === "tftp:" ? "tftp" : "http"}${pathname}`);
  const nothing = sha256(Buffer.alloc(0));
  if (unit === undefined) return `curl: (7) Failed to connect ${nothing}`;
  return content === undefined ? `curl: (22) 404 ${nothing}` : sha256(content);
}

async function follow(host: ProvisioningHost, { print, signal }: ShellCall) {
  const stop = host.follow((line) => print(`${line}\n`));
  const ticks = setInterval(() => print("tick\n"), TICK_MS);
  if (!signal.aborted) await once(signal, "abort");
  clearInterval(ticks);
  stop();
  return {};
}
