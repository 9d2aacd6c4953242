import { createRequire } from "node:module";
import { messageFrom } from "../../foundation/errors.js";
import { redact } from "../../foundation/redact.js";
import { engineAddress } from "./engine-watch.js";

/** Where text for the user goes. */
export interface Progress {
  /** @param again The line as it is some time later, as with a clock: shown while nothing else is. Default: it stays. */
  say(text: string, again?: () => string): void;
  info(text: string): void;
  warn(text: string): void;
  /** Takes the live line away: the engine would go on showing it, of a resource that has long been finished. */
  end(): Promise<void>;
}

/** Sends one line; `live` lines are replaced by the next one and never kept. */
export type SendLine = (line: {
  urn: string;
  text: string;
  severity: "info" | "warning";
  live: boolean;
}) => void | Promise<void>;

/** At most one live line per resource in this many milliseconds … */
const EVERY_MS = 200;
/** … and at most so many of all resources in a second: nobody reads more, and the engine has to take each. */
const LINES_PER_SECOND = 50;
/** A line that can be told again is, after so many milliseconds without another one. */
const STILL_MS = 5_000;
/** An engine that does not take a line in this time is not waited for. */
const TAKEN_MS = 1_000;

/** How many resources are at work. */
let atWork = 0;

/** How many resources tell of their progress now. */
export const progressesAtWork = (): number => atWork;

const pauseMs = () => Math.max(EVERY_MS, (atWork * 1000) / LINES_PER_SECOND);

/** Progress of the resource `self` (its URN). Silent when there is no engine to tell, as in tests. */
export function openProgress(self: string | undefined, send: SendLine | undefined = engine()): Progress {
  const urn = self;
  if (send === undefined || urn === undefined) return { say() {}, info() {}, warn() {}, async end() {} };
  let lastSent = Number.NEGATIVE_INFINITY;
  let waiting: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let repeat: (() => string) | undefined;
  let still: NodeJS.Timeout | undefined;
  atWork += 1;
  let ended = false;
  let isLive = false;
  const flush = () => {
    timer = undefined;
    if (waiting === undefined) return;
    lastSent = performance.now();
    void send({ urn, text: lineOf(waiting), severity: "info", live: true });
    isLive = true;
    waiting = undefined;
    clearTimeout(still);
    const next = repeat;
    if (next === undefined) return;
    const tellAgain = () => {
      if (waiting !== undefined) return; // another line is on its way
      waiting = next();
      flush();
    };
    still = setTimeout(tellAgain, Math.max(STILL_MS, 2 * pauseMs())).unref();
  };
  const stay = (severity: "info" | "warning") => (text: string) => {
    isLive = false;
    void send({ urn, text: lineOf(text), severity, live: false });
  };
  return {
    say(text, again) {
      if (ended) return; // a question that is not waited for any more
      waiting = text;
      repeat = again;
      timer ??= setTimeout(flush, Math.max(0, lastSent + pauseMs() - performance.now())).unref();
    },
    info: stay("info"),
    warn: stay("warning"),
    async end() {
      clearTimeout(timer);
      clearTimeout(still);
      waiting = undefined;
      if (ended) return;
      ended = true;
      atWork -= 1;
      // Before the operation's end is told: after it nobody takes the line away. A log without a terminal shows it as one line more.
      if (isLive) await send({ urn, text: "", severity: "info", live: true });
    },
  };
}

/** Says one line that stays, of a resource that nothing is done to now. */
export function tell(self: string | undefined, text: string, severity: "info" | "warn" = "info"): void {
  const progress = openProgress(self);
  progress[severity](text);
  void progress.end();
}

/** Text for the user: one line, redacted. */
export function lineOf(text: unknown): string {
  return redact(messageFrom(text));
}

let sender: SendLine | undefined;

function engine(): SendLine | undefined {
  const address = engineAddress();
  if (address === undefined) return undefined;
  sender ??= connect(address);
  return sender;
}

function connect(address: string): SendLine {
  // Loaded on first use, and gRPC as the SDK's own copy: a second copy would not accept the first one's credentials.
  const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
  const { credentials } = sdk("@grpc/grpc-js") as { credentials: { createInsecure(): never } };
  const { EngineClient } =
    require("@pulumi/pulumi/proto/engine_grpc_pb") as typeof import("@pulumi/pulumi/proto/engine_grpc_pb");
  const { LogRequest, LogSeverity } =
    require("@pulumi/pulumi/proto/engine_pb") as typeof import("@pulumi/pulumi/proto/engine_pb");
  const client = new EngineClient(address, credentials.createInsecure());
  return ({ urn, text, severity, live }) => {
    const request = new LogRequest();
    request.setSeverity(severity === "info" ? LogSeverity.INFO : LogSeverity.WARNING);
    request.setUrn(urn);
    request.setMessage(text);
    request.setEphemeral(live);
    // Telling is best effort: an engine that is gone is noticed elsewhere.
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, TAKEN_MS).unref();
      client.log(request, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  };
}
