import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";

const MAX_BYTES = 1_000;

/**
 * Listens for `ask-chassis`: one line of words per connection, answered by lines and a last one `ok`; without that line it
 * was refused.
 */
export function listenForChassis(path: string, answer: (words: string[]) => string[]): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("data", (part: string) => {
      text += part;
      if (text.length > MAX_BYTES) socket.destroy();
      if (!text.includes("\n")) return;
      try {
        socket.end(`${[...answer(text.trim().split(" ")), "ok"].join("\n")}\n`);
      } catch (error) {
        console.error(error);
        socket.end();
      }
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
}
