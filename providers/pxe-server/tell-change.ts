import { z } from "zod";
import { wasWarned } from "../runtime/found-changes.js";
import type { Change } from "../runtime/lifecycle.js";
import { tell } from "../runtime/progress.js";
import { holdsUnknown } from "../runtime/unknown.js";
import { type Service, texts } from "./plan.js";
import { inputsSchema, type PxeInputs } from "./schema.js";

/** Neither programs nor traits change with a declaration: any will do to see which file does. */
const PROGRAMS = { dnsmasq: "dnsmasq", nginx: "nginx", ip: "ip" };
const TRAITS = { ipv6: true, arm64: true };

const IN_WORDS: Record<Service, Record<"reload" | "restart", string>> = {
  nginx: {
    reload: "nginx is reloaded, its transfers go on",
    restart: "nginx is restarted",
  },
  dnsmasq: {
    reload: "dnsmasq is reloaded, its transfers go on",
    restart: "dnsmasq is restarted: leases are kept, a TFTP transfer that is under way ends",
  },
};

/** What another declaration does to the servers that run: a line for each that notices. Pure. */
export function tellServices(before: PxeInputs, after: PxeInputs): string[] {
  const old = new Map(texts(before, PROGRAMS, TRAITS).map(({ path, text }) => [path, text]));
  const used = texts(after, PROGRAMS, TRAITS).flatMap((file) =>
    file.used === undefined || old.get(file.path) === file.text ? [] : [file.used],
  );
  return (["nginx", "dnsmasq"] as const).flatMap((service) => {
    const after = used.filter(({ by }) => by === service).map((each) => each.after);
    if (after.length === 0) return [];
    return [IN_WORDS[service][after.includes("restart") ? "restart" : "reload"]];
  });
}

/** What an update of a server puts right, and what it does to those that run, in words. Pure. */
export function tellChange(
  { olds, news, result }: Pick<Change, "olds" | "news" | "result">,
  known: (drift: readonly string[]) => boolean = () => false,
): string[] {
  if (result.replaces !== undefined) return [];
  const drift = z.array(z.string()).safeParse(olds.drift).data ?? [];
  const [before, after] = [inputsSchema.safeParse(olds).data, inputsSchema.safeParse(news).data];
  const foreseen = before !== undefined && after !== undefined && !holdsUnknown(news);
  return [
    ...(drift.length === 0 || known(drift) ? [] : [`puts right: ${drift.join("; ")}`]),
    ...(foreseen ? tellServices(before, after) : []),
  ];
}

/** Says it on the server's line, in a preview as in an update. */
export function announceChange(change: Change): void {
  const self = z.string().optional().catch(undefined).parse(change.news.self);
  for (const line of tellChange(change, (drift) => wasWarned(self, drift))) tell(self, line);
}
