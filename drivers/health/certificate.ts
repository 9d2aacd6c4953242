/** Why a server's certificate was not accepted, as far as a second look at it tells. */
export type CertificateFault =
  | { kind: "expired"; at: Date }
  | { kind: "not-yet-valid"; from: Date }
  /** It verifies, but is another machine's. `of`: its common name. */
  | { kind: "other"; of: string }
  /** `code` of Node or OpenSSL: `UNABLE_TO_VERIFY_LEAF_SIGNATURE`. */
  | { kind: "unverified"; code: string };

/** A second look is a handshake, with a machine that answered a moment ago. */
const LOOK_MS = 5_000;

/** The fault behind an error of a TLS connection to `url`; undefined when it is no matter of certificates. Sends nothing. */
export async function certificateFault(url: URL, error: unknown): Promise<CertificateFault | undefined> {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!/CERT|UNABLE_TO|SELF_SIGNED|ALTNAME/.test(code)) return undefined;
  const of = code === "ERR_TLS_CERT_ALTNAME_INVALID" ? commonName(error) : undefined;
  if (of !== undefined) return { kind: "other", of };
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    const { valid_from, valid_to } = (await shownBy(url)) ?? {};
    const [from, at] = [new Date(valid_from ?? ""), new Date(valid_to ?? "")];
    // Neither: it is the CA's time that is not now.
    if (at.getTime() < Date.now()) return { kind: "expired", at };
    if (from.getTime() > Date.now()) return { kind: "not-yet-valid", from };
  }
  return { kind: "unverified", code };
}

/** "2026-10-12 00:00 UTC" */
export function minuteOf(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function commonName(error: unknown): string | undefined {
  if (!(error instanceof Error && "cert" in error)) return undefined;
  const { cert } = error;
  if (typeof cert !== "object" || cert === null || !("subject" in cert)) return undefined;
  const { subject } = cert;
  if (typeof subject !== "object" || subject === null || !("CN" in subject)) return undefined;
  return typeof subject.CN === "string" ? subject.CN.replace(/[^\w.-]/g, "?").slice(0, 253) : undefined;
}

/** The certificate that a server shows; undefined when it shows none now. Without a client certificate of ours. */
async function shownBy({ hostname, port }: URL): Promise<{ valid_from: string; valid_to: string } | undefined> {
  const { connect } = await import("node:tls");
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, timeout: LOOK_MS }, () =>
      end(),
    );
    const end = () => {
      const shown = socket.getPeerCertificate();
      socket.destroy();
      resolve("valid_to" in shown ? shown : undefined);
    };
    for (const event of ["error", "timeout", "close"] as const)
      socket.on(event, () => {
        socket.destroy();
        resolve(undefined);
      });
  });
}
