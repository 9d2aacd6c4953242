import ipaddr from "ipaddr.js";
import { UNKNOWN_PATH } from "../../../providers/pxe-server/render/boot-ipxe.js";
import type { Files } from "../files.js";

const unknownLog = (root: string) => `${root}/log/unknown.log`;

/** A free address for a card that nobody registered, if dnsmasq is configured to give it one. */
export function fromPool(files: Files, root: string, lent: ReadonlyMap<string, string>): string | undefined {
  const configuration = files.text(`${root}/dnsmasq/dnsmasq.conf`) ?? "";
  const [, first, last] = /^dhcp-range=([\d.]+),([\d.]+),/m.exec(configuration) ?? [];
  if (first === undefined || last === undefined) return undefined;
  const taken = new Set(lent.values());
  for (let n = asNumber(first); n <= asNumber(last); n++) {
    const address = [24, 16, 8, 0].map((bits) => (n >>> bits) & 255).join(".");
    if (!taken.has(address)) return address;
  }
  return undefined;
}

const asNumber = (address: string) => ipaddr.IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);

/** A machine tells the web server who it is, which writes the line that `render/nginx.ts` has for it. */
export function toldWho(files: Files, root: string, path: string, at: Date): Buffer | undefined {
  const url = new URL(path, "http://host");
  if (url.pathname !== UNKNOWN_PATH) return undefined;
  // nginx takes arguments as they came: not decoded.
  const told = new Map(
    url.search
      .slice(1)
      .split("&")
      .map((word) => [word.split("=")[0], word.split("=")[1]] as const),
  );
  const fields = ["mac", "serial", "uuid", "manufacturer", "product"].map((name) => [name, told.get(name) ?? ""]);
  const line = JSON.stringify({ t: `${at.toISOString().slice(0, 19)}+00:00`, ...Object.fromEntries(fields) });
  files.write(unknownLog(root), `${files.text(unknownLog(root)) ?? ""}${line}\n`);
  return Buffer.from("seen\n");
}

/**
 * As the script of providers/pxe-server/candidates.ts prints it, of those who came as far as the menu. What dnsmasq logs is told to
 * those who follow, and kept nowhere.
 */
export function renderCandidates(files: Files, root: string): string {
  const asked = (files.text(unknownLog(root)) ?? "").split("\n").filter((line) => line !== "");
  const scripts = files.below(`${root}/http/nodes`).filter((path) => path.endsWith(".ipxe"));
  const known = scripts.map((path) => path.slice(`${root}/http/nodes/`.length, -".ipxe".length));
  const lines = [...asked.slice(-500).map((line) => `menu ${line}`), ...known.map((name) => `known ${name}`)];
  return lines.map((line) => `${line}\n`).join("");
}
