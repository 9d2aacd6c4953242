import { once } from "node:events";
import { createServer } from "node:https";
import type { BootDevice, FirmwareMode } from "../../../../../drivers/bmc/driver.js";
import { openRedfish } from "../../../../../drivers/bmc/redfish/driver.js";
import type { Bench } from "../../contract.js";
import { PASSWORD, tls, urlOf } from "../bench.js";
import type { BootState, Change, MachineState, Reply, Vendor } from "./vendor.js";

const SESSIONS = "/redfish/v1/SessionService/Sessions";
const MAC = "52:54:00:00:00:01";
const ON_MS = 30;
const MODES: Record<string, FirmwareMode> = { UEFI: "uefi", Legacy: "bios" };
const SOURCES: Record<string, BootDevice | "usual"> = { None: "usual", Pxe: "pxe", Hdd: "disk", UefiHttp: "uefi-http" };

/** A vendor's BMC on loopback, in front of a machine that has power and a boot source. */
export async function vendorBench(vendor: Vendor): Promise<Bench & { refusals: string[]; sessions: Set<string> }> {
  const usual: BootState = {
    BootSourceOverrideEnabled: "Disabled",
    BootSourceOverrideTarget: "None",
    BootSourceOverrideMode: "UEFI",
    ...vendor.initial,
  };
  const machine: MachineState = { power: "Off", boot: usual, inPost: false, etag: etagOf(vendor, 0) };
  const boots: (BootDevice | "usual")[] = [];
  let lastMode: FirmwareMode | undefined;
  const refusals: string[] = [];
  const sessions = new Set<string>();
  let changes = 0;
  let logins = 0;

  const changed = (boot: Partial<BootState>) => {
    machine.boot = { ...machine.boot, ...boot };
    changes += 1;
    machine.etag = etagOf(vendor, changes);
  };
  const powerOn = () => {
    if (machine.power !== "Off") return;
    const { BootSourceOverrideEnabled: enabled, BootSourceOverrideTarget: target } = machine.boot;
    const source = enabled === "Disabled" ? "None" : target;
    if (source !== "None") lastMode = MODES[machine.boot.BootSourceOverrideMode];
    boots.push(SOURCES[source] ?? assertNever(source));
    if (enabled === "Once") changed({ BootSourceOverrideEnabled: "Disabled", BootSourceOverrideTarget: "None" });
    machine.power = "PoweringOn";
    machine.inPost = true;
    setTimeout(() => {
      machine.power = "On";
    }, ON_MS);
    setTimeout(() => {
      machine.inPost = false;
    }, vendor.postMs ?? 0);
  };
  const asksSystem = JSON.stringify([vendor.reset, vendor.resources]).includes('"GracefulShutdown"');
  const reset = (type: string): Reply => {
    if (["On", "ForceOn"].includes(type)) powerOn();
    else if (type === "ForceOff" || (type === "GracefulShutdown" && asksSystem)) machine.power = "Off";
    else return { status: 400 };
    return { status: 204 };
  };
  const resetTarget = `${vendor.system}/Actions/ComputerSystem.Reset`;
  const act = (change: Change): Reply => {
    const refusal = vendor.refuse?.(change, machine);
    if (refusal !== undefined) {
      refusals.push(`${change.method} ${change.path} ${refusal.status}`);
      return refusal;
    }
    if (change.path === resetTarget) return reset(change.body.ResetType ?? "");
    if (change.method !== "PATCH" || change.path !== (vendor.settings ?? vendor.system)) return { status: 405 };
    const boot = change.body.Boot ?? {};
    changed(vendor.accept?.(boot, machine) ?? boot);
    return vendor.accepted ?? { status: 204 };
  };

  const slash = vendor.slashes === true ? "/" : "";
  const link = (path: string) => ({ "@odata.id": `${path}${slash}` });
  const read = (path: string): object | undefined => {
    const shown = {
      ...(vendor.etags === "body" ? { "@odata.etag": machine.etag } : {}),
      Boot: { ...vendor.boot, ...machine.boot },
    };
    switch (path) {
      case "/redfish/v1":
        return {
          Systems: link("/redfish/v1/Systems"),
          ...(vendor.sessions === undefined ? { Links: { Sessions: link(SESSIONS) } } : {}),
          ...(vendor.sessions === "service" ? { SessionService: link("/redfish/v1/SessionService") } : {}),
        };
      case "/redfish/v1/Systems":
        return { Members: [...(vendor.listedToo ?? []), vendor.system].map(link) };
      case vendor.system:
        return {
          ...link(path),
          ...vendor.payload,
          PowerState: machine.power,
          // Where it is kept in the settings, the system shows what it booted with.
          ...(vendor.settings === undefined ? shown : { Boot: { ...vendor.boot, ...usual } }),
          EthernetInterfaces: link(`${path}/EthernetInterfaces`),
          Actions: { "#ComputerSystem.Reset": { target: `${resetTarget}${slash}`, ...vendor.reset } },
        };
      case vendor.settings:
        return { ...link(path), ...shown };
      case `${vendor.system}/EthernetInterfaces`:
        return { Members: [link(`${path}/1`)] };
      case `${vendor.system}/EthernetInterfaces/1`:
        return { MACAddress: MAC.toUpperCase() };
      default:
        return vendor.resources?.[path];
    }
  };
  const logIn = (body: unknown): Reply => {
    const { UserName, Password } = body as { UserName?: string; Password?: string };
    if (UserName !== "admin" || Password !== PASSWORD) return { status: 401 };
    const path = `${SESSIONS}/${++logins}`;
    sessions.add(path);
    return {
      status: 201,
      headers: { "x-auth-token": path, location: vendor.sessionLocation?.(path) ?? path },
      body: link(path),
    };
  };

  const server = createServer({ key: tls.key, cert: tls.cert }, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const text = Buffer.concat(parts).toString();
    const url = request.url ?? "/";
    const path = url.replace(/(?<=.)\/$/, "");
    const { method = "GET", headers } = request;
    const answer = (): Reply => {
      if (vendor.slashes === true && !url.endsWith("/")) return { status: 308, headers: { location: `${url}/` } };
      const basic = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString("base64")}`;
      const open = path === "/redfish/v1" || (path === SESSIONS && method === "POST" && vendor.sessions !== "none");
      const known = headers.authorization === basic || sessions.has(String(headers["x-auth-token"]));
      if (!open && !known) return { status: 401 };
      if (path === SESSIONS) return logIn(JSON.parse(text));
      if (method === "DELETE") return { status: sessions.delete(path) ? 200 : 404 };
      if (method !== "GET") return act({ method, path, headers, body: JSON.parse(text) });
      const body = read(path);
      if (body === undefined) return { status: 404 };
      const tagged = vendor.etags === "header" || vendor.etags === "weak";
      return { status: 200, body, headers: tagged ? { etag: machine.etag } : {} };
    };
    const { status, headers: sent, body } = answer();
    response.writeHead(status, sent).end(body === undefined ? undefined : JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = {
    ...({ type: "redfish", url: urlOf(server), username: "admin", password: PASSWORD, ca: tls.ca } as const),
    ...(vendor.declared === true ? { system: vendor.system } : {}),
  };
  return {
    refusals,
    sessions,
    open: (context) => openRedfish(address, context, { pauseMs: 10, passingPauseMs: 20 }),
    heard() {},
    powered: () => machine.power === "On",
    ...(asksSystem ? { obeys: async () => {} } : {}),
    boots: () => boots,
    mode: () => lastMode,
    ...(vendor.modes === undefined ? {} : { modes: vendor.modes }),
    identity: { serial: vendor.identity.serial, macs: [MAC] },
    ...(vendor.devices === undefined ? {} : { devices: vendor.devices }),
    ...(vendor.usual === undefined ? {} : { usual: vendor.usual }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function etagOf({ etags = "none" }: Vendor, version: number): string {
  const tag = `"${(0x02c2d1bb + version).toString(16)}"`;
  return etags === "weak" ? `W/${tag}` : tag;
}

function assertNever(source: string): never {
  throw new Error(`the machine booted from ${source}`);
}
