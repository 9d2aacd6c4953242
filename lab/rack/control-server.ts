import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { messageFrom } from "../../foundation/errors.js";
import { type ControlAnswer, type ControlRequest, controlRequest } from "./control-protocol.js";
import { socketPath } from "./layout.js";

const MAX_REQUEST_BYTES = 65_536;

/** Listens on the control socket, which only the rack's owner can open. */
export async function listenForControl(
  path: string,
  answer: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    void respond(socket, answer).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath(path), resolve);
  });
  chmodSync(path, 0o600);
  return server;
}

async function respond(socket: Socket, answer: (request: ControlRequest) => Promise<ControlAnswer>): Promise<void> {
  const line = await firstLine(socket);
  let reply: ControlAnswer;
  try {
    reply = await answer(controlRequest.parse(JSON.parse(line)));
  } catch (error) {
    reply = { ok: false, error: messageFrom(error) };
  }
  socket.end(`${JSON.stringify(reply)}\n`);
}

/** Text up to the first line break or the end. */
export function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const finish = () => resolve(text.split("\n")[0] ?? "");
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      text += part;
      if (text.includes("\n")) finish();
      else if (text.length > MAX_REQUEST_BYTES) reject(new Error("the request is too long"));
    });
    socket.on("end", finish);
    socket.on("error", reject);
  });
}
