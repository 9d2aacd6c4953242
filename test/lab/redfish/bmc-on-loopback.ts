import { once } from "node:events";
import type { Server } from "node:https";
import { Agent, request } from "undici";
import { Bmc } from "../../../lab/redfish/bmc.js";
import { BootOverride } from "../../../lab/redfish/boot-override.js";
import { FakeBackend } from "../../../lab/redfish/fake-backend.js";
import { serveBmc } from "../../../lab/redfish/server.js";
import { tls } from "../../drivers/bmc/redfish/bench.js";

export const PASSWORD = "correct horse";
const BASIC = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString("base64")}`;

interface Asked {
  body?: unknown;
  headers?: Record<string, string>;
  /** Default: basic authentication with the right password. */
  authorization?: string | null;
}

/** An emulated BMC behind real HTTPS with a machine that has only power and a boot source. */
export class BmcOnLoopback {
  readonly requests: string[] = [];
  private readonly agent = new Agent({ connect: { ca: tls.ca } });

  private constructor(
    readonly bmc: Bmc,
    readonly machine: FakeBackend,
    private readonly server: { current?: Server },
  ) {}

  static async start(): Promise<BmcOnLoopback> {
    const override = new BootOverride({ enabled: "Disabled", target: "None", mode: "UEFI" });
    const inventory = {
      uuid: "7f000000-0000-4000-8000-000000000001",
      serial: "RACK-test-01",
      model: "Rack node",
      macs: ["52:54:00:00:00:01", "52:54:00:00:01:01"],
      cpus: 1,
      memoryGiB: 1,
      mode: "UEFI" as const,
    };
    const machine = new FakeBackend(inventory, override);
    const bmc = new Bmc("node01", machine, override, { username: "admin", password: PASSWORD });
    const started = new BmcOnLoopback(bmc, machine, {});
    started.server.current = await serveBmc(bmc, {
      host: "127.0.0.1",
      port: 0,
      key: tls.key,
      cert: tls.cert,
      onRequest: ({ method, path, status }) => started.requests.push(`${method} ${path} ${status}`),
    });
    return started;
  }

  get url(): string {
    const address = this.server.current?.address();
    if (address === null || typeof address !== "object") throw new Error("the BMC does not listen");
    return `https://127.0.0.1:${address.port}`;
  }

  async ask(method: "GET" | "PATCH" | "POST" | "DELETE" | "HEAD", path: string, asked: Asked = {}) {
    const { body, authorization = BASIC } = asked;
    const answer = await request(`${this.url}${path}`, {
      method,
      dispatcher: this.agent,
      headersTimeout: 1000,
      headers: {
        ...(authorization === null ? {} : { authorization }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...asked.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, json: text === "" ? undefined : JSON.parse(text) };
  }

  reset(type: string) {
    return this.ask("POST", "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset", { body: { ResetType: type } });
  }

  async stop(): Promise<void> {
    await this.agent.destroy();
    const { current } = this.server;
    current?.closeAllConnections();
    current?.close();
    if (current !== undefined) await once(current, "close");
  }
}
