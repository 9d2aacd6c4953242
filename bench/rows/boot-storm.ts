import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { waitUntil } from "../../foundation/wait.js";
import { nginxPidFile, renderNginx } from "../../providers/pxe-server/render/nginx.js";
import { inputsSchema, rootOf } from "../../providers/pxe-server/schema.js";
import { timed } from "../measured-job.js";
import { floored, type Measurement, median } from "../row.js";

const ADDRESS = "127.83.0.1";
const PORT = 28180;
const CLIENTS = 30;
const ROUNDS = 15;
/** Bytes, as of the rack's own kernel and initrd. */
const FILES = { kernel: 14_000_000, initrd: 23_000_000 };

/** Thirty machines that boot at once: how near our web server's configuration comes to the plainest one. */
export const measurement: Measurement = {
  names: ["boot-storm.ratio"],
  async measure() {
    const root = mkdtempSync(join(tmpdir(), "flint-boot-storm-"));
    chmodSync(root, 0o755); // nginx gives up root
    for (const directory of ["log", "nginx", "http"]) mkdirSync(join(root, directory));
    for (const [name, size] of Object.entries(FILES)) writeFileSync(join(root, "http", name), Buffer.alloc(size, name));
    const daemons = [ours(root), plain(root)].map((config, i) => start(root, `nginx-${i}.conf`, config));
    try {
      for (const port of [PORT, PORT + 1]) await answers(port);
      await Promise.all([storm(PORT), storm(PORT + 1)]); // fills the page cache
      const seconds: Record<number, number[]> = { [PORT]: [], [PORT + 1]: [] };
      // In turns, each as often first: whatever else this machine does, both have it beside them.
      for (let round = 0; round < ROUNDS; round++)
        for (const turn of [0, 1]) {
          const port = PORT + ((round + turn) % 2);
          seconds[port]?.push(await timed(() => storm(port)));
        }
      const [flint = [], other = []] = Object.values(seconds);
      const ratios = flint.map((each, round) => (other[round] ?? Number.NaN) / each);
      return [floored("boot-storm.ratio", median(ratios), "×", 0.95, ratios)];
    } finally {
      for (const daemon of daemons) {
        daemon.kill("SIGTERM");
        await once(daemon, "exit");
      }
      rmSync(root, { recursive: true });
    }
  },
};

function ours(root: string): string {
  const want = inputsSchema.parse({
    cluster: "storm",
    host: { name: "host", host: ADDRESS, privateKey: "none", hostKeys: ["none"] },
    interface: "lo",
    address: ADDRESS,
    cidr: "127.83.0.0/24",
    httpUrl: `http://${ADDRESS}:${PORT}`,
    dhcp: { mode: "full" },
    domain: "storm.example.com",
  });
  return renderNginx(want).replaceAll(rootOf("storm"), root).replace(nginxPidFile("storm"), `${root}/ours.pid`);
}

function plain(root: string): string {
  return `worker_processes auto;
pid ${root}/plain.pid;
error_log ${root}/log/plain-error.log;
events { worker_connections 2048; }
http {
  sendfile on;
  access_log ${root}/log/plain.log;
  ${["client_body", "fastcgi", "proxy", "scgi", "uwsgi"].map((name) => `${name}_temp_path ${root}/nginx/plain-${name};`).join("\n  ")}
  server {
    listen ${ADDRESS}:${PORT + 1};
    root ${root}/http;
  }
}
`;
}

function start(root: string, name: string, config: string) {
  const file = join(root, name);
  writeFileSync(file, config);
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  return spawn("nginx", ["-c", file, "-g", "daemon off;"], { stdio: "ignore", env });
}

function answers(port: number): Promise<unknown> {
  const look = () => fetch(`http://${ADDRESS}:${port}/none`).catch(() => undefined);
  return waitUntil(look, { reason: "nginx to answer", deadlineMs: 15_000, intervalMs: 50, remedy: "Read its log." });
}

/** Each client is a program of its own that fetches both files, as a machine does. */
async function storm(port: number): Promise<void> {
  const urls = Object.keys(FILES).flatMap((name) => ["-o", "/dev/null", `http://${ADDRESS}:${port}/${name}`]);
  const client = () => execa("curl", ["--silent", "--fail", ...urls], { timeout: 120_000, stdin: "ignore" });
  await Promise.all(Array.from({ length: CLIENTS }, client));
}
