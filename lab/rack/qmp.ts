import { connect, type Socket } from "node:net";
import { z } from "zod";
import { socketPath } from "./layout.js";

const message = z.looseObject({
  QMP: z.unknown().optional(),
  event: z.string().optional(),
  data: z.looseObject({ reason: z.string().optional() }).optional(),
  return: z.unknown().optional(),
  error: z.object({ desc: z.string() }).optional(),
});
export type QmpEvent = { event: string; reason: string | undefined };

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** QEMU's monitor: commands answered in order, events in between. */
export class Qmp {
  private readonly waiting: Waiting[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly onEvent: (event: QmpEvent) => void,
    onClose: () => void,
  ) {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      const lines = (text + part).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.receive(line);
    });
    socket.on("close", () => {
      for (const one of this.waiting.splice(0)) one.reject(new Error("the machine is off"));
      onClose();
    });
    socket.on("error", () => {}); // "close" follows
  }

  /** Connects and makes the monitor ready. `onClose` is called when QEMU has gone. */
  static async open(path: string, onEvent: (event: QmpEvent) => void, onClose: () => void): Promise<Qmp> {
    const socket = connect(socketPath(path));
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    const qmp = new Qmp(socket, onEvent, onClose);
    await qmp.command("qmp_capabilities");
    return qmp;
  }

  command(execute: string, args?: Record<string, unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.socket.write(`${JSON.stringify({ execute, ...(args === undefined ? {} : { arguments: args }) })}\n`);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(line: string): void {
    const { event, data, error, ...rest } = message.parse(JSON.parse(line));
    if (event !== undefined) this.onEvent({ event, reason: data?.reason });
    else if (error !== undefined) this.waiting.shift()?.reject(new Error(error.desc));
    else if ("return" in rest) this.waiting.shift()?.resolve(rest.return);
  }
}
