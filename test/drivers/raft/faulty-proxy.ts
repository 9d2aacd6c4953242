import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request, type Server } from "node:https";
import { join } from "node:path";
import type { LoopbackNode } from "../../lab/services/loopback-node.js";
import { portOf } from "../../loopback.js";

/**
 * What may happen to a request on its way:
 * - `delay`: a second passes before it is sent on
 * - `reset`: the connection breaks before anything is sent on
 * - `lost`: it is sent on and done; the connection breaks before the answer comes back
 * - `half`: it is sent on and done; half of the answer comes back
 * - `500`: it is not sent on
 * - `astray`: it is not sent on; someone who does not lead is named as the leader
 */
export type Fault = "delay" | "reset" | "lost" | "half" | "500" | "astray";

/** Decides over one request, `POST /admin/member/add`. */
export type Choose = (request: string) => Fault | undefined;

/** A proxy in front of one real member's API, with the member's own certificate. */
export class FaultyProxy implements AsyncDisposable {
  /** Requests with what happened to them: `POST /admin/member/add lost`. */
  readonly seen: string[] = [];
  choose: Choose = () => undefined;
  private readonly agent: Agent;

  private constructor(
    readonly node: LoopbackNode,
    private readonly server: Server,
    readonly url: string,
    operator: string,
    /** All proxies of the cluster: members name each other by their own URLs. */
    private readonly all: FaultyProxy[],
  ) {
    const read = (name: string) => readFileSync(join(operator, name), "utf8");
    this.agent = new Agent({ ca: read("ca.crt"), cert: read("node.crt"), key: read("node.key"), keepAlive: false });
  }

  /** One proxy for each node. */
  static async before(nodes: readonly LoopbackNode[], operator: string): Promise<FaultyProxy[]> {
    const all: FaultyProxy[] = [];
    for (const node of nodes) {
      const read = (name: string) => readFileSync(join(node.tls, name), "utf8");
      const server = createServer({ cert: read("node.crt"), key: read("node.key") }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const proxy = new FaultyProxy(node, server, `https://127.0.0.1:${portOf(server)}`, operator, all);
      server.on("request", (incoming, outgoing) => void proxy.pass(incoming, outgoing));
      all.push(proxy);
    }
    return all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    this.agent.destroy();
  }

  private async pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part);
    const what = `${incoming.method} ${incoming.url}`;
    const fault = this.choose(what);
    const early = fault !== "lost" && fault !== "half";
    if (early) this.seen.push(fault === undefined ? what : `${what} ${fault}`);
    if (fault === "reset") return void incoming.socket.destroy();
    if (fault === "500") return void outgoing.writeHead(500).end('{"error":"the proxy says no"}');
    if (fault === "astray") {
      const other = this.all.find((each) => each !== this) ?? this;
      return void outgoing.writeHead(421).end(JSON.stringify({ error: "not the leader", leader_url: other.url }));
    }
    if (fault === "delay") await new Promise((next) => setTimeout(next, 1000));
    const answer = await this.send(incoming, Buffer.concat(parts)).catch(() => undefined);
    // What was refused was not done: there is nothing to lose the answer to.
    const done = answer !== undefined && answer.status < 300;
    if (!early) this.seen.push(done ? `${what} ${fault}` : what);
    if (answer === undefined || (done && fault === "lost")) return void incoming.socket.destroy();
    const text = this.all.reduce((body, each) => body.replaceAll(each.node.url("chainfire"), each.url), answer.text);
    if (done && fault === "half") {
      outgoing.writeHead(answer.status, { "content-length": text.length + 10 }).write(text.slice(0, text.length / 2));
      setTimeout(() => incoming.socket.destroy(), 20);
      return;
    }
    outgoing.writeHead(answer.status, answer.headers).end(text);
  }

  private send(
    incoming: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: Record<string, string>; text: string }> {
    return new Promise((resolve, reject) => {
      const { method, url } = incoming;
      const onward = request(new URL(url ?? "/", this.node.url("chainfire")), { method, agent: this.agent });
      onward.on("error", reject);
      onward.on("response", (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () => {
          const retry = answer.headers["retry-after"];
          resolve({
            status: answer.statusCode ?? 502,
            headers: retry === undefined ? {} : { "retry-after": retry },
            text: Buffer.concat(parts).toString(),
          });
        });
      });
      onward.end(body);
    });
  }
}
