import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { DHCP_PROBE } from "./render/dhcp-probe.js";
import type { PxeInputs } from "./schema.js";

/** A DHCP server that offered an address. */
export interface Offer {
  server: string;
  address: string;
}

/** Seconds; a server answers within milliseconds, but may first ping the address it is about to offer (dnsmasq: 3 s). */
const WAIT = 4;

/**
 * Asks on the interface for an address, as an unknown machine would.
 * @returns undefined when the host cannot ask (no perl, port 68 taken).
 */
export async function askForOffers(
  host: Pick<SshSession, "exec">,
  networkInterface: string,
  signal: AbortSignal,
): Promise<Offer[] | undefined> {
  const { code, stdout } = await host.exec(["perl", "-", networkInterface, String(WAIT)], {
    stdin: DHCP_PROBE,
    signal,
    okCodes: [...Array(128).keys()],
    label: "DHCP probe",
  });
  if (code !== 0) return undefined;
  return [...stdout.matchAll(/^offer (\S+) (\S+)$/gm)].map(([, server = "", address = ""]) => ({ server, address }));
}

const REMEDY =
  "Switch it off on this network, or set pxe.dhcp.mode: proxy: then it goes on giving out addresses and Flint adds what machines need to boot. With mode: external it does both, as the output dhcpOptions tells.";

/** "one at 10.0.100.254 that offered 10.0.100.17"; undefined where only Flint's own offers. */
function others(want: PxeInputs, offers: readonly Offer[]): string | undefined {
  const foreign = offers.filter(({ server }) => server !== want.address);
  if (foreign.length === 0) return undefined;
  return foreign.map(({ server, address }) => `one at ${server} that offered ${address}`).join(" and ");
}

/** One that came after Flint's own was started; undefined where there is none. */
export function tellSecondServer(want: PxeInputs, offers: readonly Offer[]): string | undefined {
  const found = others(want, offers);
  return found === undefined
    ? undefined
    : `another DHCP server gives out addresses on ${want.cidr}: ${found}. Machines may take its offer, and then do not boot from Flint. ${REMEDY}`;
}

/** @throws FlintError `DHCP_OCCUPIED`: two servers that both give out addresses break the network for everybody. */
export function refuseSecondServer(want: PxeInputs, offers: readonly Offer[]): void {
  const found = others(want, offers);
  if (found === undefined) return;
  throw new FlintError("DHCP_OCCUPIED", {
    subject: `preparation, network ${want.cidr} on ${want.interface} of the ${want.host.name}`,
    expected: "no other DHCP server",
    found,
    remedy: REMEDY,
  });
}
