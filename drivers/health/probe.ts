import { seconds } from "../../foundation/wait.js";
import { type CertificateFault, certificateFault, minuteOf } from "./certificate.js";

/** A service's own word on its health. */
export type Health = "healthy" | "unhealthy" | "silent";

/**
 * `GET <url>/health` with the cluster's CA. 200 is healthy, any other answer is not, no answer is silence.
 * The certificate must carry the host part of `url`; a certificate that does not verify counts as silence, and is the `fault`.
 */
export async function probeHealth(
  url: string,
  options: { ca: string; deadlineMs: number; signal?: AbortSignal },
): Promise<{ health: Health; detail: string; fault?: CertificateFault }> {
  const { request, Agent } = await import("undici");
  const dispatcher = new Agent({ connect: { ca: options.ca, timeout: options.deadlineMs } });
  const deadline = AbortSignal.timeout(options.deadlineMs);
  try {
    const answer = await request(new URL("/health", url), {
      dispatcher,
      signal: options.signal ? AbortSignal.any([deadline, options.signal]) : deadline,
    });
    await answer.body.dump();
    return answer.statusCode === 200
      ? { health: "healthy", detail: "200" }
      : { health: "unhealthy", detail: String(answer.statusCode) };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (deadline.aborted) return { health: "silent", detail: `nothing within ${seconds(options.deadlineMs)}` };
    const fault = await certificateFault(new URL(url), error);
    if (fault !== undefined) return { health: "silent", detail: inWords(fault), fault };
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return { health: "silent", detail: code || (error instanceof Error ? error.message : String(error)) };
  } finally {
    await dispatcher.destroy();
  }
}

/** To follow "answers". */
function inWords(fault: CertificateFault): string {
  switch (fault.kind) {
    case "expired":
      return `with a certificate that expired on ${minuteOf(fault.at)}`;
    case "not-yet-valid":
      return `with a certificate that is valid only from ${minuteOf(fault.from)}`;
    case "other":
      return `with the certificate of ${fault.of}`;
    case "unverified":
      return fault.code;
    default:
      return fault satisfies never;
  }
}
