import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** The body as JSON, or undefined. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what came, whatever it is
  json: any;
}

/** One HTTPS call. `tls` is a folder with ca.crt, and node.crt and node.key unless the call is anonymous. */
export function call(tls: string, method: string, url: string, body?: string, anonymous = false): Promise<Answer> {
  const file = (name: string) => readFileSync(join(tls, name));
  return new Promise((resolve, reject) => {
    const out = request(
      url,
      {
        method,
        ca: file("ca.crt"),
        ...(anonymous ? {} : { cert: file("node.crt"), key: file("node.key") }),
        timeout: 40_000,
        agent: false,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) }),
        );
        response.on("error", reject);
      },
    );
    out.on("timeout", () => out.destroy(new Error(`${method} ${url}: no answer in 15 s`)));
    out.on("error", reject);
    out.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
