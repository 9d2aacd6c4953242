import { isFlintError } from "../../../foundation/errors.js";
import { withDeadline } from "../../../foundation/wait.js";
import { askForOffers } from "../../pxe-server/dhcp-neighbours.js";
import { withBmc } from "../bmc.js";
import type { NodeContext } from "../context.js";
import type { StoredNode } from "../schema.js";
import type { BootCause, Facts } from "./causes.js";

/** A machine that did not come has been waited for long enough: whoever does not tell by then is not waited for. */
export const LOOK_MS = 20_000;

/** What a BMC adds to the facts; `bootOverride` is only shown. */
export type BmcFacts = Pick<Facts, "power" | "link" | "memory" | "secureBoot"> & { bootOverride?: string };

/** What the machine's BMC says of power, memory, link and Secure Boot. Nothing where it does not answer: that is no reason to fail. */
export async function askBmc(node: NodeContext<StoredNode>): Promise<BmcFacts> {
  const { mac } = node.want;
  return briefly<BmcFacts>(node, {}, () =>
    withBmc(node, async (driver) => {
      const power = await driver.power();
      const report = await driver.report?.().catch(() => undefined);
      const link = report?.links?.[mac];
      return {
        // A driver that cannot see its machine says so.
        ...(power === "on" || power === "off" ? { power } : {}),
        ...(link === undefined ? {} : { link }),
        ...(report?.memory === undefined ? {} : { memory: report.memory }),
        ...(report?.secureBoot === undefined ? {} : { secureBoot: report.secureBoot }),
        ...(report?.bootOverride === undefined ? {} : { bootOverride: report.bootOverride }),
      };
    }),
  );
}

/** Causes that another DHCP server may be behind. */
const CONTESTED: readonly BootCause[] = ["no-offer", "offer-not-accepted", "boot-file-not-asked"];

/**
 * Other DHCP servers that offer addresses on the network that the machine boots from.
 * @param own The address of Flint's.
 */
export async function askOtherServers(
  node: NodeContext<StoredNode>,
  cause: BootCause,
): Promise<Pick<Facts, "otherServers">> {
  if (!CONTESTED.includes(cause)) return {};
  const own = new URL(node.want.pxe.httpUrl).hostname;
  return briefly(node, {}, async () => {
    const host = await node.host();
    const offers = await askForOffers(host, await interfaceOf(host, own), node.signal);
    const others = (offers ?? []).map(({ server }) => server).filter((server) => server !== own);
    return others.length === 0 ? {} : { otherServers: others };
  });
}

/** The interface that has Flint's address: the node itself does not know its name. */
async function interfaceOf(host: Awaited<ReturnType<NodeContext["host"]>>, address: string): Promise<string> {
  const { stdout } = await host.exec(["ip", "-o", "-4", "address", "show", "to", `${address}/32`]);
  return /^\d+:\s+(\S+)/.exec(stdout)?.[1] ?? "";
}

/** What a look answers, or `otherwise` where it fails or takes too long. */
export async function briefly<T>(node: NodeContext<StoredNode>, otherwise: T, look: () => Promise<T>): Promise<T> {
  try {
    return await withDeadline(look, {
      reason: "a closer look",
      deadlineMs: LOOK_MS,
      signal: node.signal,
      remedy: "",
    });
  } catch (error) {
    node.signal.throwIfAborted();
    if (!isFlintError(error)) throw error;
    return otherwise;
  }
}
