import { once } from "node:events";

/** As a program that stands still: until it is ended. @throws Error then. */
export async function forEver(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  throw new Error("it was ended");
}
