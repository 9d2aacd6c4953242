import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { basename, join } from "node:path";
import { RACK_NAME, SimulatedRack } from "./rack.js";
import { reasonOf } from "./reason.js";
import { faultOrderSchema, simulationSchema } from "./schema.js";

/** Where the process can be asked: `GET /status`, `GET /files`, `POST /faults`. */
export const CONTROL = "control.sock";

/** `node main.js DIRECTORY`: plays the rack that DIRECTORY/simulation.json declares, until it is ended. */
async function main(directory: string): Promise<void> {
  const simulation = simulationSchema.parse(JSON.parse(readFileSync(join(directory, "simulation.json"), "utf8")));
  const rack = new SimulatedRack(simulation, directory);
  const toolsPort = await rack.start();
  const server = createServer((request, response) => void answer(rack, request, response));
  server.listen(join(directory, CONTROL), () => console.log(JSON.stringify({ toolsPort })));
}

async function answer(rack: SimulatedRack, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(Buffer.from(part));
    if (request.url === "/faults") rack.inject(faultOrderSchema.parse(JSON.parse(Buffer.concat(parts).toString())));
    response.end(JSON.stringify(request.url === "/files" ? rack.files() : rack.status()));
  } catch (error) {
    response.writeHead(400).end(reasonOf(error));
  }
}

// A rack is not to end because of one machine's mistake: it is told, and seen in its status.
process.on("unhandledRejection", (reason) => console.error("unhandled:", reason));

/** What the launcher made and could not remove; the namespace has the directory's name. */
function removeAll(directory: string): void {
  if (!basename(directory).startsWith(RACK_NAME)) return;
  spawnSync("ip", ["netns", "delete", basename(directory)], { stdio: "ignore" });
  rmSync(directory, { recursive: true, force: true });
}

const [directory] = process.argv.slice(2);
if (require.main === module && directory !== undefined) {
  // Its input ends with whoever launched it, however that ended.
  process.stdin
    .on("close", () => {
      removeAll(directory);
      process.exit();
    })
    .resume();
  void main(directory);
}
