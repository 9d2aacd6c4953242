import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, failure, type Resource } from "./answers.js";
import type { Backend } from "./backend.js";
import type { BootOverride } from "./boot-override.js";
import { type Faults, faultsSchema } from "./faults.js";
import { readSystemPatch } from "./patch.js";
import { RESET_TYPES, type ResetType, reset } from "./reset.js";
import { type BmcView, MANAGER, RESET_ACTION, ROOT, resourceAt, SESSIONS, SYSTEM } from "./resources.js";
import { type Credentials, Sessions } from "./sessions.js";
import { Tasks } from "./tasks.js";

/** A request without its transport. */
export interface BmcRequest {
  method: string;
  /** Without query and trailing slash. */
  path: string;
  headers: IncomingHttpHeaders;
  /** Undefined when there was none. */
  body: unknown;
}

/** What a request does to the connection instead of being answered. */
export type Silence = "drop" | "freeze";

/** Paths that DSP0266 wants to be readable without authentication. */
const OPEN_PATHS = new Set(["/redfish", ROOT, `${ROOT}/odata`]);

/** One machine's BMC: a Redfish service that answers requests, with faults that can be switched on. */
export class Bmc {
  private readonly sessions: Sessions;
  /** Resets that were asked for, in order. */
  readonly resets: ResetType[] = [];
  private readonly tasks = new Tasks();
  private active: Faults = {};
  private requests = 0;
  private assetTag = "";

  constructor(
    readonly name: string,
    private readonly machine: Backend,
    private readonly override: BootOverride,
    credentials: Credentials,
  ) {
    this.sessions = new Sessions(credentials);
  }

  /** Of the sessions that are open. */
  sessionIds(): string[] {
    return this.sessions.ids();
  }

  get faults(): Faults {
    return this.active;
  }

  /** Replaces all active faults. */
  set faults(faults: Faults) {
    this.active = faultsSchema.parse(faults);
    this.override.ignored = this.active.overrideIgnored ?? false;
    this.override.lasting = this.active.noOnce ?? false;
  }

  /** What happens to this request before anything is read from it. */
  silence(): Silence | undefined {
    this.requests += 1;
    if (this.active.bmcFreezes) return "freeze";
    if (this.active.dropsEvery !== undefined && this.requests % this.active.dropsEvery === 0) return "drop";
    return undefined;
  }

  async answer(request: BmcRequest): Promise<Answer> {
    if (this.active.slowAnswers !== undefined) await sleep(this.active.slowAnswers);
    if (this.active.busy503) {
      this.active = { ...this.active, busy503: this.active.busy503 - 1 };
      return failure(503, "ServiceTemporarilyUnavailable", "busy", { "Retry-After": "1" });
    }
    if (request.method === "POST" && request.path === SESSIONS) return this.openSession(request.body);
    if (!OPEN_PATHS.has(request.path) && !this.authorised(request.headers)) {
      return failure(401, "NoValidSession", "", { "WWW-Authenticate": 'Basic realm="bmc"' });
    }
    switch (request.method) {
      case "GET":
      case "HEAD":
        return this.read(request);
      case "PATCH":
        return request.path === SYSTEM ? this.patchSystem(request) : notAllowed(request);
      case "POST":
        return this.act(request);
      case "DELETE":
        return this.closeSession(request);
      default:
        return notAllowed(request);
    }
  }

  private authorised(headers: IncomingHttpHeaders): boolean {
    if (this.active.passwordRefused) return false;
    if (this.active.noSessions && headers["x-auth-token"] !== undefined) return false;
    return this.sessions.authorised(headers, this.active.sessionsExpire);
  }

  private view(): BmcView {
    const serial = this.active.otherSerial ?? this.machine.inventory.serial;
    return {
      name: this.name,
      inventory: { ...this.machine.inventory, serial },
      power: this.active.powerShown ?? this.machine.power(),
      override: this.override.state,
      durations: this.override.allowed,
      assetTag: this.assetTag,
      sessionIds: this.sessions.ids(),
      taskPaths: this.tasks.paths(),
      sessions: !this.active.noSessions,
      link: !this.active.noLink,
    };
  }

  private read({ path, headers }: BmcRequest): Answer {
    const monitor = path.match(/^\/redfish\/v1\/TaskService\/TaskMonitors\/(\w+)$/)?.[1];
    if (monitor !== undefined) return this.tasks.monitor(monitor);
    const resource = this.task(path) ?? this.session(path) ?? resourceAt(path, this.view());
    if (resource === undefined) return failure(404, "ResourceMissingAtURI", path);
    const etag = etagOf(resource);
    if (headers["if-none-match"] === etag) return { status: 304, headers: { ETag: etag } };
    return { status: 200, body: resource, headers: { ETag: etag } };
  }

  private task(path: string): Resource | undefined {
    const id = path.match(/^\/redfish\/v1\/TaskService\/Tasks\/(\w+)$/)?.[1];
    return id === undefined ? undefined : this.tasks.resource(id);
  }

  private session(path: string): Resource | undefined {
    const id = path.startsWith(`${SESSIONS}/`) ? path.slice(SESSIONS.length + 1) : undefined;
    const user = id === undefined ? undefined : this.sessions.user(id);
    if (id === undefined || user === undefined) return undefined;
    return { "@odata.id": path, "@odata.type": "#Session.v1_3_0.Session", Id: id, Name: "Session", UserName: user };
  }

  private openSession(body: unknown): Answer {
    if (this.active.noSessions) return failure(404, "ResourceMissingAtURI", SESSIONS);
    const { UserName, Password } = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
    const accepted =
      typeof UserName === "string" && typeof Password === "string" && this.sessions.accepts(UserName, Password);
    if (!accepted || this.active.passwordRefused) return failure(401, "ResourceAtUriUnauthorized");
    const { token, id } = this.sessions.open(UserName);
    const path = `${SESSIONS}/${id}`;
    return { status: 201, body: this.session(path), headers: { "X-Auth-Token": token, Location: path } };
  }

  private closeSession(request: BmcRequest): Answer {
    if (!request.path.startsWith(`${SESSIONS}/`)) return notAllowed(request);
    const closed = this.sessions.close(request.path.slice(SESSIONS.length + 1));
    return closed ? { status: 204 } : failure(404, "ResourceMissingAtURI", request.path);
  }

  private patchSystem({ headers, body }: BmcRequest): Answer {
    const current = resourceAt(SYSTEM, this.view()) ?? {};
    const match = headers["if-match"];
    if (match === undefined && this.active.requireIfMatch) return failure(428, "PreconditionRequired", "If-Match");
    if (match !== undefined && match !== "*" && match !== etagOf(current)) return failure(412, "PreconditionFailed");
    const patch = readSystemPatch(body, this.machine.inventory.mode, this.override.allowed);
    if (!patch.ok) return patch.refusal;
    if (patch.override !== undefined) {
      if (this.active.overrideRefused) return failure(400, "PropertyNotWritable", "BootSourceOverrideTarget");
      if (!this.active.overrideForgotten) this.override.change(patch.override);
    }
    this.assetTag = patch.assetTag ?? this.assetTag;
    const changed = resourceAt(SYSTEM, this.view()) ?? {};
    return { status: 200, body: changed, headers: { ETag: etagOf(changed) } };
  }

  private async act(request: BmcRequest): Promise<Answer> {
    if (request.path === `${MANAGER}/Actions/Manager.Reset`) {
      this.sessions.closeAll();
      return { status: 204 };
    }
    if (request.path !== RESET_ACTION) return notAllowed(request);
    const wanted = (request.body as { ResetType?: unknown } | undefined)?.ResetType;
    const type = RESET_TYPES.find((known) => known === wanted);
    if (type === undefined) return failure(400, "ActionParameterValueNotInList", `ResetType ${String(wanted)}`);
    this.resets.push(type);
    if (this.active.asyncReset) return this.tasks.start(() => this.reset(type));
    try {
      await this.reset(type);
      return { status: 204 };
    } catch (error) {
      return failure(500, "InternalError", error instanceof Error ? error.message : String(error));
    }
  }

  private async reset(type: ResetType): Promise<void> {
    const { slowPower, powerStuck, resetFails, asyncReset } = this.active;
    if (resetFails) throw new Error("the power controller did not answer");
    if (powerStuck) return;
    if (slowPower === undefined) return reset(this.machine, type);
    const later = sleep(slowPower).then(() => reset(this.machine, type));
    if (asyncReset) return later;
    later.catch(() => {}); // a BMC that has already answered 204 has nobody to tell
  }
}

function notAllowed({ method, path }: BmcRequest): Answer {
  return failure(405, "OperationNotAllowed", `${method} ${path}`);
}

function etagOf(resource: Resource): string {
  return `W/"${createHash("sha256").update(JSON.stringify(resource)).digest("hex").slice(0, 12)}"`;
}
