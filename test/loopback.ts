import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";

/** The port of a server that listens. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return address.port;
}

/**
 * A port of 127.0.0.1 that nothing listens on, below those that the kernel gives to whoever asks for any: a test beside this one
 * gets none of them by chance before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(candidate(), "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      continue; // taken
    }
    const port = portOf(server);
    server.close();
    await once(server, "close");
    return port;
  }
}

/** The same for UDP. */
export async function freeUdpPort(): Promise<number> {
  for (;;) {
    const socket = createSocket("udp4").bind(candidate(), "127.0.0.1");
    try {
      await once(socket, "listening");
    } catch {
      continue; // taken
    }
    const { port } = socket.address();
    socket.close();
    await once(socket, "close");
    return port;
  }
}

const LOWEST = 10_000;

/** By chance. 0, any port: where the kernel gives nearly all ports to whoever asks for any. */
function candidate(): number {
  const first = Number(/^\d+/.exec(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8"))?.[0] ?? 0);
  return first - LOWEST < 1_000 ? 0 : randomInt(LOWEST, first);
}

/**
 * Two octets of an address in 127.0.0.0/8 that are this process's own: test files beside this one have others.
 * @param block Of 64 second octets: 1, 2 or 3.
 */
export function ownOctets(block: 1 | 2 | 3): string {
  return `${block * 64 + ((process.pid >> 8) % 64)}.${process.pid % 256}`;
}
