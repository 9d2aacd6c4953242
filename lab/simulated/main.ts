import { readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { basename, join } from "node:path";
import { endProcess } from "../../foundation/end-process.js";
import { messageFrom } from "../../foundation/errors.js";
import { CONTROL } from "./control.js";
import { deleteNamespace, endInside } from "./namespace.js";
import { RACK_NAME, SimulatedRack } from "./rack.js";
import { reasonOf } from "./reason.js";
import { faultOrderSchema, simulationSchema } from "./schema.js";

/** `node main.js DIRECTORY`, in that directory: plays the rack that its simulation.json declares, until it is ended. */
async function main(directory: string): Promise<void> {
  const simulation = simulationSchema.parse(JSON.parse(readFileSync(join(directory, "simulation.json"), "utf8")));
  const rack = new SimulatedRack(simulation, directory);
  const toolsPort = await rack.start();
  const server = createServer((request, response) => void answer(rack, request, response));
  server.listen(CONTROL, () => console.log(JSON.stringify({ toolsPort })));
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

/** What the launcher made and could not remove, and what it could not end; the namespace has the directory's name. */
function removeAll(directory: string): void {
  if (!basename(directory).startsWith(RACK_NAME)) return;
  endInside(basename(directory));
  deleteNamespace(basename(directory));
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

const [directory] = process.argv.slice(2);
if (require.main === module && directory !== undefined) {
  // Its input ends with whoever launched it, however that ended.
  process.stdin
    .on("close", () => {
      removeAll(directory);
      endProcess(0);
    })
    .resume();
  main(directory).catch((error: unknown) => {
    console.error(messageFrom(error));
    process.exit(1);
  });
}
