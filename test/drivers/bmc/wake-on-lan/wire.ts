import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { execa } from "execa";
import type { SshSession } from "../../../../drivers/ssh/target.js";

/** One frame as it was on the wire. */
export interface Frame {
  destination: string;
  /** Source address and UDP destination port; undefined for anything but UDP over IPv4. */
  udp: { from: string; to: string; port: number; payload: Buffer } | undefined;
}

/** Prints each frame that comes in on an interface, as hex; first a line `ready`. 17: AF_PACKET, 3: ETH_P_ALL, 0x0300 in network order. */
const LISTEN = String.raw`use strict;
use warnings;
use Socket;
$| = 1;
my ($index) = @ARGV;
socket(my $s, 17, SOCK_RAW, 0x0300) or die "socket: $!\n";
bind($s, pack("SnlSCCa8", 17, 3, $index, 0, 0, 0, "")) or die "bind: $!\n";
print "ready\n";
while (defined recv($s, my $frame, 2000, 0)) { print unpack("H*", $frame), "\n" }
`;

/**
 * A provisioning network of its own: the provisioning host's card, and the wire behind it on which everything is heard. The
 * host has a second network, where its default route goes.
 */
export interface Wire extends AsyncDisposable {
  /** The provisioning host, without the ssh to it: commands run in its network. */
  host: Pick<SshSession, "target" | "exec">;
  /** Its address in the provisioning network. */
  address: string;
  /** What was heard elsewhere: in the second network. */
  elsewhere: readonly Frame[];
}

let made = 0;

export async function wire(onFrame: (frame: Frame) => void): Promise<Wire> {
  const namespace = `flint-wol-${process.pid}-${made++}`;
  const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  const listeners: ChildProcess[] = [];
  const elsewhere: Frame[] = [];
  ip("netns", "add", namespace);
  const dispose = async () => {
    for (const each of listeners) {
      const ended = each.exitCode === null && each.signalCode === null ? once(each, "exit") : undefined;
      each.kill("SIGKILL");
      await ended;
    }
    ip("netns", "delete", namespace);
  };
  try {
    for (const [card, address, peer] of [
      ["prov0", "10.77.0.1/24", "wire0"],
      ["up0", "10.78.0.1/24", "wire1"],
    ] as const) {
      ip("-n", namespace, "link", "add", card, "type", "veth", "peer", "name", peer);
      ip("-n", namespace, "address", "add", address, "dev", card);
      for (const end of [card, peer]) ip("-n", namespace, "link", "set", end, "up");
    }
    ip("-n", namespace, "route", "add", "default", "via", "10.78.0.2");
    const listen = async (card: string, take: (frame: Frame) => void) => {
      const index = /^(\d+):/.exec(ip("-n", namespace, "-o", "link", "show", card))?.[1] ?? "";
      const listener = spawn("ip", ["netns", "exec", namespace, "perl", "-", index], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      listeners.push(listener);
      const lines = createInterface({ input: listener.stdout });
      const ready = once(lines, "line");
      listener.stdin.end(LISTEN);
      await ready;
      lines.on("line", (line) => take(frameOf(Buffer.from(line, "hex"))));
    };
    await Promise.all([listen("wire0", onFrame), listen("wire1", (frame) => elsewhere.push(frame))]);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    address: "10.77.0.1",
    elsewhere,
    host: {
      target: { name: "provisioning host", host: "10.77.0.1", privateKey: "", hostKeys: [] },
      async exec(argv, options = {}) {
        const run = await execa("ip", ["netns", "exec", namespace, ...argv], {
          input: String(options.stdin ?? ""),
          reject: false,
          ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
        });
        return { code: run.exitCode ?? 255, stdout: run.stdout, stderr: run.stderr };
      },
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function frameOf(bytes: Buffer): Frame {
  const destination = (bytes.toString("hex", 0, 6).match(/../g) ?? []).join(":");
  const ipv4 = bytes.readUInt16BE(12) === 0x0800;
  if (!ipv4 || bytes[23] !== 17) return { destination, udp: undefined };
  const start = 14 + ((bytes[14] ?? 0) & 0xf) * 4;
  const address = (at: number) => [...bytes.subarray(at, at + 4)].join(".");
  const length = bytes.readUInt16BE(start + 4);
  return {
    destination,
    udp: {
      from: address(26),
      to: address(30),
      port: bytes.readUInt16BE(start + 2),
      payload: bytes.subarray(start + 8, start + length),
    },
  };
}
