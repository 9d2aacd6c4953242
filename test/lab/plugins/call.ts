import type { Call } from "../../../lab/plugins/resource.js";

/** A call that nobody listens to. */
export function quietCall(name: string): Call {
  return { name, signal: new AbortController().signal, say() {}, warn() {} };
}

/** A call that keeps what was said. */
export function listeningCall(name: string): Call & { said: string[]; abort(): void } {
  const controller = new AbortController();
  const said: string[] = [];
  return {
    name,
    said,
    signal: controller.signal,
    say: (text) => said.push(text),
    warn: (text) => said.push(`warning: ${text}`),
    abort: () => controller.abort(new Error("cancelled")),
  };
}
