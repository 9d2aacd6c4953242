import type { TLSSocket } from "node:tls";
import type { buildConnector } from "undici";
import type { RedfishAddress } from "./address.js";
import { type BmcName, badCertificate } from "./errors.js";

/** `AA:BB:…` of a fingerprint in any of the usual spellings. */
export function normalised(fingerprint: string): string {
  return (
    fingerprint
      .replace(/[^0-9a-f]/gi, "")
      .toUpperCase()
      .match(/../g) ?? []
  ).join(":");
}

/**
 * Opens TLS connections to a BMC that is who it should be: by its pinned fingerprint, else by its own CA, else by the
 * system's. Node verifies but does not hang up, so that the error can name the certificate that was shown; the socket is
 * handed over, and anything sent, only after this check.
 */
export function trustedConnector(
  build: typeof buildConnector,
  address: RedfishAddress,
  bmc: BmcName,
  timeoutMs: number,
): buildConnector.connector {
  const connect = build({
    rejectUnauthorized: false,
    timeout: timeoutMs,
    maxCachedSessions: 0, // a resumed session shows no certificate
    ...(address.ca === undefined ? {} : { ca: address.ca }),
  });
  return (options, done) =>
    connect(options, (error, socket) => {
      if (error !== null) return done(error, null);
      const refusal = distrust(socket as TLSSocket, address, bmc);
      if (refusal === undefined) return done(null, socket);
      socket.destroy();
      done(refusal, null);
    });
}

function distrust(socket: TLSSocket, address: RedfishAddress, bmc: BmcName): Error | undefined {
  const shown = socket.getPeerCertificate().fingerprint256 ?? "no certificate";
  if (address.fingerprint !== undefined) {
    const pinned = normalised(address.fingerprint);
    return shown === pinned ? undefined : badCertificate(bmc, `certificate ${pinned}`, shown);
  }
  if (socket.authorized) return undefined;
  const host = new URL(address.url).hostname;
  const by = address.ca === undefined ? "a known CA" : "the declared CA";
  return badCertificate(bmc, `a certificate for ${host} signed by ${by}`, `${reasonOf(socket)}, SHA-256 ${shown}`);
}

/** Why Node does not verify it, as `DEPTH_ZERO_SELF_SIGNED_CERT`. */
export function reasonOf({ authorizationError }: TLSSocket): string {
  const code: unknown = authorizationError;
  return code instanceof Error ? code.message : String(code);
}
