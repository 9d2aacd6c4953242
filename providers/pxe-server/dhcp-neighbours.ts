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
  host: SshSession,
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

/** @throws FlintError `DHCP_OCCUPIED`: two servers that both give out addresses break the network for everybody. */
export function refuseSecondServer(want: PxeInputs, offers: readonly Offer[]): void {
  const foreign = offers.filter(({ server }) => server !== want.address);
  if (foreign.length === 0) return;
  throw new FlintError("DHCP_OCCUPIED", {
    subject: `preparation, network ${want.cidr} on ${want.interface} of the ${want.host.name}`,
    expected: "no other DHCP server",
    found: foreign.map(({ server, address }) => `one at ${server} that offered ${address}`).join(" and "),
    remedy:
      "Switch it off on this network, or set pxe.dhcp.mode: proxy: then it goes on giving out addresses and Flint adds what machines need to boot. With mode: external it does both, as the output dhcpOptions tells.",
  });
}
