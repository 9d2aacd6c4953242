import { createServer, type Server, type Socket } from "node:net";

/** A program that Flint started on the operator's machine. */
export interface ToolCall {
  tool: string;
  /** Its HOME: where Flint puts the host keys that it may trust. */
  home: string;
  argv: readonly string[];
  out(line: string): void;
  error(line: string): void;
  /** The program was ended. */
  signal: AbortSignal;
}

/** Does what the program does. @returns its exit code. */
export type Tool = (call: ToolCall) => Promise<number>;

/** Serves the programs in lab/simulated/bin. @param onCall Told of each that was started. @returns the server, listening on a free port of the loopback address. */
export function serveTools(
  tools: Readonly<Record<string, Tool>>,
  onCall: (call: Pick<ToolCall, "tool" | "argv">) => void = () => {},
): Promise<Server> {
  const server = createServer((socket) => {
    let received = "";
    socket.on("error", () => {}); // the program was killed
    socket.setEncoding("utf8").on("data", (text: string) => {
      received += text;
      const [tool = "", home = "", count, ...words] = received.split("\0");
      if (count === undefined || words.length <= Number(count)) return;
      received = "";
      const call = { tool, home, argv: words.slice(0, Number(count)) };
      onCall(call);
      void answer(socket, tools[tool], call);
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

async function answer(socket: Socket, tool: Tool | undefined, call: Pick<ToolCall, "tool" | "home" | "argv">) {
  const stop = new AbortController();
  socket.on("close", () => stop.abort());
  const say = (stream: string) => (line: string) => void socket.write(`${stream} ${line.replaceAll("\n", " ")}\n`);
  const error = say("e");
  const code = await (tool ?? (async () => 127))({ ...call, out: say("o"), error, signal: stop.signal }).catch(
    (reason: unknown) => {
      if (!stop.signal.aborted) error(`error: ${reason instanceof Error ? reason.message : String(reason)}`);
      return 1;
    },
  );
  socket.end(`x ${code}\n`);
}
