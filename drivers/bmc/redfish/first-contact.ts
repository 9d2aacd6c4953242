import { isIP } from "node:net";
import { connect } from "node:tls";
import { reasonOf } from "./trust.js";

/** How a BMC introduces itself to somebody who does not know it. */
export type FirstContact = { verified: true } | { verified: false; fingerprint: string; reason: string };

/**
 * Looks at a BMC's certificate: one TLS handshake, and nothing is sent after it. Whether it may be trusted is for a person to
 * decide, who compares the fingerprint with the BMC's own page.
 * @param ca PEM. Default: the CAs built into Node.
 * @returns undefined when nothing answers in time.
 */
export function lookAtCertificate(
  url: string,
  { ca, deadlineMs }: { ca?: string; deadlineMs: number },
): Promise<FirstContact | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: port === "" ? 443 : Number(port),
      rejectUnauthorized: false,
      // RFC 6066 (3): no server name for an address.
      ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
      ...(ca === undefined ? {} : { ca }),
    });
    const done = (seen: FirstContact | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    const timer = setTimeout(() => done(undefined), deadlineMs);
    socket.once("error", () => done(undefined));
    socket.once("secureConnect", () => {
      if (socket.authorized) return done({ verified: true });
      const { fingerprint256 } = socket.getPeerCertificate();
      done(
        fingerprint256 === undefined
          ? undefined
          : { verified: false, fingerprint: fingerprint256, reason: reasonOf(socket) },
      );
    });
  });
}
