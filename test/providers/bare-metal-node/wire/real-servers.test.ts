import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { waitUntil } from "../../../../foundation/wait.js";
import { keysPath } from "../../../../providers/bare-metal-node/render/boot-script.js";
import { FOLLOW_SCRIPT } from "../../../../providers/bare-metal-node/wire/follow.js";
import { parseWire, type WireEvent } from "../../../../providers/bare-metal-node/wire/parse-wire.js";
import { renderNginx } from "../../../../providers/pxe-server/render/nginx.js";
import { rootOf } from "../../../../providers/pxe-server/schema.js";
import { ownOctets } from "../../../loopback.js";

const SERVER = `127.${ownOctets(3)}.1`;
const MACHINE = `127.${ownOctets(3)}.50`;
const PORT = 28080;

const installed = (program: string): boolean => {
  try {
    execFileSync("sh", ["-c", `PATH=$PATH:/usr/sbin:/sbin; command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** One HTTP request from an address of ours; the status line. */
async function get(from: string, uri: string, options: { stall?: number } = {}): Promise<string> {
  const socket = createConnection({ host: SERVER, port: PORT, localAddress: from });
  await once(socket, "connect");
  socket.write(`GET ${uri} HTTP/1.0\r\n\r\n`);
  const first: unknown[] = await once(socket, "data");
  if (options.stall !== undefined) {
    socket.pause();
    await new Promise((resume) => setTimeout(resume, options.stall));
  }
  socket.resume();
  await once(socket, "close");
  return String(first[0]).split("\r\n")[0] ?? "";
}

describe("BareMetalNode: what the real nginx, dnsmasq and ss say is understood", function () {
  this.timeout(120_000);
  let root: string;
  const children: ChildProcess[] = [];
  const events: WireEvent[] = [];
  const start = (command: string, args: string[]) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
      detached: true,
    });
    children.push(child);
    return child;
  };
  const seen = (title: string, wanted: (event: WireEvent) => boolean) =>
    waitUntil(async () => events.find(wanted), {
      reason: title,
      deadlineMs: 40_000,
      intervalMs: 50,
      lastSeen: () => JSON.stringify(events),
      remedy: "",
    });

  before(async function () {
    const missing = ["nginx", "dnsmasq", "ss", "curl"].filter((program) => !installed(program));
    if (process.getuid?.() !== 0) missing.push("root (port 69)");
    if (missing.length > 0) {
      console.warn(`SKIPPED: this machine lacks ${missing.join(", ")}`);
      this.skip();
    }
    root = mkdtempSync(path.join(tmpdir(), "flint-wire-"));
    execFileSync("chmod", ["755", root]);
    for (const folder of ["log", "nginx", "http/images/aa", `http/keys/${MACHINE}`, "tftp"])
      mkdirSync(path.join(root, folder), { recursive: true });
    writeFileSync(path.join(root, "http/images/aa/initrd"), Buffer.alloc(40_000_000));
    writeFileSync(path.join(root, "http", keysPath(MACHINE, "feedface01234567")), "keys");
    writeFileSync(path.join(root, "tftp/snponly.efi"), Buffer.alloc(5000));
    for (const log of ["dnsmasq.log", "http.log"]) writeFileSync(path.join(root, "log", log), "");
    const conf = renderNginx({
      cluster: "wire",
      host: { name: "host", host: SERVER, privateKey: "", hostKeys: ["x"] },
      interface: "lo",
      address: SERVER,
      cidr: `${SERVER}/24`,
      httpUrl: `http://${SERVER}:${PORT}`,
      dhcp: { mode: "full", leaseTime: 3600 },
      dns: [],
      domain: "test",
    })
      .replaceAll(rootOf("wire"), root)
      .replace(/^pid .*$/m, `pid ${root}/nginx.pid;\nuser root;\ndaemon off;`);
    writeFileSync(path.join(root, "nginx.conf"), conf);
    start("nginx", ["-c", path.join(root, "nginx.conf"), "-e", path.join(root, "log/error.log")]);
    start("dnsmasq", ["--keep-in-foreground", "--conf-file=/dev/null", "--port=0", `--listen-address=${SERVER}`, "--bind-interfaces",
      "--enable-tftp", `--tftp-root=${root}/tftp`, `--log-facility=${root}/log/dnsmasq.log`, `--pid-file=${root}/dnsmasq.pid`, "--user=root"]); // biome-ignore format: one call
    const follower = start("sh", ["-c", FOLLOW_SCRIPT, "follow-wire", root, String(PORT)]);
    let rest = "";
    follower.stdout?.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = line === "tick" ? undefined : parseWire(line);
        if (event) events.push(event);
      }
    });
    // The follower begins with lines that come after it: only one that it showed says that it is there.
    await waitUntil(async () => (await get(MACHINE, "/none").catch(() => "")) !== "" && events.length > 0, {
      reason: "nginx to answer, and the follower to show it",
      deadlineMs: 40_000,
      intervalMs: 100,
      lastSeen: () => readFileSync(path.join(root, "log/error.log"), "utf8"),
      remedy: "",
    });
  });
  after(() => {
    for (const { pid } of children) {
      try {
        if (pid !== undefined) process.kill(-pid, "SIGKILL");
      } catch {
        // Ended already.
      }
    }
    if (root !== undefined) rmSync(root, { recursive: true, force: true });
  });

  it("a machine gets its own keys; another address is refused, and both are seen", async () => {
    const uri = `/${keysPath(MACHINE, "feedface01234567")}`;
    assert.match(await get(MACHINE, uri), / 200 /);
    assert.match(await get(SERVER, uri), / 403 /);
    await seen("the keys", (event) => event.kind === "http" && event.uri === uri && event.status === 200);
    const refused = await seen("the refusal", (event) => event.kind === "http" && event.status === 403);
    assert.deepEqual({ ...refused, bytes: 0 }, { kind: "http", uri, address: SERVER, status: 403, bytes: 0 });
  });

  it("a file on its way is seen by the bytes that have arrived, and then as a whole", async () => {
    const loading = get(MACHINE, "/images/aa/initrd", { stall: 2500 });
    const sending = await seen(
      "bytes",
      (event) => event.kind === "sending" && event.address === MACHINE && event.bytes > 1000,
    );
    assert.ok(sending.kind === "sending" && sending.bytes < 40_000_000);
    assert.match(await loading, / 200 /);
    const whole = await seen("the file", (event) => event.kind === "http" && event.uri === "/images/aa/initrd");
    assert.deepEqual(whole, {
      kind: "http",
      uri: "/images/aa/initrd",
      address: MACHINE,
      status: 200,
      bytes: 40_000_000,
    });
  });

  it("a boot file by TFTP is seen, and one that is not there", async () => {
    const fetch = (file: string) =>
      once(
        start("curl", [
          "--silent",
          "--max-time",
          "5",
          "--interface",
          MACHINE,
          "-o",
          "/dev/null",
          `tftp://${SERVER}/${file}`,
        ]),
        "exit",
      );
    await fetch("snponly.efi");
    assert.deepEqual(await seen("the boot file", (event) => event.kind === "tftp" && event.ok), {
      kind: "tftp",
      file: `${root}/tftp/snponly.efi`,
      address: MACHINE,
      ok: true,
    });
    await fetch("autoexec.ipxe");
    assert.deepEqual(await seen("the missing file", (event) => event.kind === "tftp" && !event.ok), {
      kind: "tftp",
      file: `${root}/tftp/autoexec.ipxe`,
      address: MACHINE,
      ok: false,
      missing: true,
    });
  });
});
