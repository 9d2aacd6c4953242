import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { connect } from "node:net";
import { FlintError } from "../../foundation/errors.js";
import { type Layout, machineFiles, rackCommand, socketPath } from "./layout.js";

const LEAVE = 0x1d; // Ctrl-]
const TAIL_BYTES = 4096;

/**
 * Connects the terminal to a machine's serial port until Ctrl-] or until the machine goes off. Shows the last lines of
 * its log first. Without a terminal, stdin's end leaves.
 */
export async function attachConsole(layout: Layout, machine: string): Promise<void> {
  const { console: path, serialLog } = machineFiles(layout, machine);
  if (!existsSync(path)) throw notOn(layout, machine);
  const socket = connect(socketPath(path));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (cause) => reject(notOn(layout, machine, cause)));
  });
  process.stdout.write(tail(serialLog));
  process.stderr.write(`\r\n[console of ${machine}; Ctrl-] leaves]\r\n`);
  const terminal = process.stdin.isTTY;
  if (terminal) process.stdin.setRawMode(true);
  socket.pipe(process.stdout, { end: false });
  process.stdin.on("data", (data: Buffer) => {
    const leave = data.indexOf(LEAVE);
    if (leave < 0) socket.write(data);
    else socket.end(data.subarray(0, leave));
  });
  process.stdin.on("end", () => socket.end());
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  if (terminal) process.stdin.setRawMode(false);
  process.stdin.pause();
  process.stderr.write(`\r\n[left the console of ${machine}]\r\n`);
}

function tail(path: string): string {
  if (!existsSync(path)) return "";
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString("utf8");
  } finally {
    closeSync(file);
  }
}

function notOn(layout: Layout, machine: string, cause?: unknown): FlintError {
  return new FlintError("RACK_REFUSED", {
    subject: machine,
    expected: "a machine that is on",
    found: "no serial port to connect to",
    remedy: `Switch it on with ${rackCommand(layout, `power ${machine} on`)}.`,
    cause,
  });
}
