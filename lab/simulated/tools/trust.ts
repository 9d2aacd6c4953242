import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Files } from "../files.js";
import type { ToolCall } from "./server.js";

const KEY_FILE = "/etc/ssh/ssh_host_ed25519_key.pub";

/** Whether the ssh that Flint gave the program trusts the host key with which this machine answers. */
export function trusts(call: Pick<ToolCall, "home">, address: string, files: Files, keyFile = KEY_FILE): boolean {
  const known = readFileSync(join(call.home, "known_hosts"), "utf8").split("\n");
  const key = files.text(keyFile)?.trim().split(/\s+/).slice(0, 2).join(" ");
  return key !== undefined && known.includes(`${address} ${key}`);
}
