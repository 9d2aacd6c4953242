import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { BmcDriver } from "../../../../drivers/bmc/driver.js";
import type { Tuning } from "../../../../drivers/bmc/redfish/client.js";
import { openRedfish } from "../../../../drivers/bmc/redfish/driver.js";
import { driverContext } from "../context.js";
import { PASSWORD, tls, urlOf } from "./bench.js";

export interface Sent {
  method: string;
  path: string;
  body: unknown;
  ifMatch: string | undefined;
}

/** Services that the lab's BMC does not play: resources as given, changed by the test's own rules. */
export class PlainService implements AsyncDisposable {
  readonly sent: Sent[] = [];
  /** The header `authorization` of each request, with its path. */
  readonly authorisations: [string, string | undefined][] = [];
  readonly resources: Record<string, object> = {
    "/redfish/v1/": { Systems: { "@odata.id": "/redfish/v1/Systems" } },
    "/redfish/v1/Systems": { Members: [{ "@odata.id": "/redfish/v1/Systems/1" }] },
  };
  /** Answers a GET in another way, or hangs up; undefined: as the resources are. */
  look: (path: string) => { status: number; headers?: Record<string, string>; body?: object } | "drop" | undefined =
    () => undefined;
  /** Answers a POST or PATCH; default 204. */
  change: (sent: Sent) => { status: number; headers?: Record<string, string>; body?: object } = () => ({ status: 204 });
  private server: Server | undefined;

  async open(system?: string, tuning: Partial<Tuning> = {}): Promise<BmcDriver> {
    this.server = createServer({ key: tls.key, cert: tls.cert }, async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      const text = Buffer.concat(parts).toString();
      const sent = {
        method: request.method ?? "",
        path: request.url ?? "",
        body: text === "" ? undefined : JSON.parse(text),
        ifMatch: request.headers["if-match"],
      };
      this.authorisations.push([sent.path, request.headers.authorization]);
      const found = this.resources[sent.path];
      if (sent.method !== "GET") this.sent.push(sent);
      const read = found === undefined ? { status: 404 } : { status: 200, body: found };
      const looked = sent.method === "GET" ? this.look(sent.path) : undefined;
      if (looked === "drop") return request.socket.destroy();
      const { status, headers, body } =
        sent.method === "GET" ? { headers: {}, body: undefined, ...(looked ?? read) } : this.change(sent);
      response.writeHead(status, headers).end(body === undefined ? undefined : JSON.stringify(body));
    }).listen(0, "127.0.0.1");
    await once(this.server, "listening");
    const address = {
      type: "redfish",
      url: urlOf(this.server),
      username: "admin",
      password: PASSWORD,
      ca: tls.ca,
      system,
    } as const;
    return openRedfish(address, driverContext(), { pauseMs: 10, shownMs: 600, ...tuning });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

export const reset = (values: string[] | undefined) => ({
  "#ComputerSystem.Reset": {
    target: "/redfish/v1/Systems/1/Reset",
    ...(values === undefined ? {} : { "ResetType@Redfish.AllowableValues": values }),
  },
});
