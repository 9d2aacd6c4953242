import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SshTarget } from "../../../drivers/ssh/target.js";
import { freePort } from "../../loopback.js";

/** A real OpenSSH server on loopback, with its own keys, that lets the user who runs the test in. */
export interface TestSshd extends AsyncDisposable {
  /** Ready to log in: right keys, right user. */
  target: SshTarget;
  /** Scratch directory, removed with the server. */
  directory: string;
  /** Processes of logins that are alive. */
  connections(): number;
}

const SSHD = "/usr/sbin/sshd";

export async function startSshd(name = "node01", settings: string[] = []): Promise<TestSshd> {
  if (!existsSync(SSHD)) throw new Error(`${SSHD} is missing: install openssh-server to run this test`);
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 }); // sshd wants its chroot there
  const directory = mkdtempSync(join(tmpdir(), "flint-test-sshd-"));
  for (const key of ["host", "login"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", key, "-f", join(directory, key)]);
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${directory}/host`,
    `AuthorizedKeysFile ${directory}/login.pub`,
    "PermitRootLogin prohibit-password",
    "StrictModes no",
    "UsePAM no",
    "PidFile none",
    ...settings,
  ];
  writeFileSync(join(directory, "sshd_config"), `${lines.join("\n")}\n`);
  const server = spawn(SSHD, ["-D", "-e", "-f", join(directory, "sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await listening(port, server, () => said);
  // What was asked just now has a process of its own there, which is no login.
  for (let look = 0; look < 600 && childrenOf(server.pid ?? 0).length > 0; look++) await sleep(50);
  return {
    target: {
      name,
      host: "127.0.0.1",
      port,
      user: userInfo().username,
      privateKey: readFileSync(join(directory, "login"), "utf8"),
      hostKeys: [readFileSync(join(directory, "host.pub"), "utf8")],
    },
    directory,
    connections: () => childrenOf(server.pid ?? 0).length,
    async [Symbol.asyncDispose]() {
      for (const child of childrenOf(server.pid ?? 0)) end(child);
      server.kill("SIGKILL");
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
      rmSync(directory, { recursive: true });
    },
  };
}

/** The process of a session that was closed a moment ago may have ended by itself. */
function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

async function listening(port: number, server: ChildProcess, said: () => string): Promise<void> {
  for (let look = 0; look < 600; look++) {
    if (server.exitCode !== null) throw new Error(`sshd ended: ${said()}`);
    const socket = connect(port, "127.0.0.1");
    const open = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return;
    await sleep(50);
  }
  throw new Error(`sshd does not listen: ${said()}`);
}
