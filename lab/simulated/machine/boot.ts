import { bootScriptKind, bootScriptPath, keysPath } from "../../../providers/bare-metal-node/render/boot-script.js";
import { HTTP_BOOT } from "../../../providers/pxe-server/render/boot-files.js";
import { readArchive } from "./archive.js";
import { spend } from "./faults.js";
import { startInstaller } from "./installer.js";
import type { Machine, Running } from "./machine.js";
import { startOtherSystem } from "./other-system.js";
import { startSystem } from "./system.js";

/** As often as a card's firmware asks before it gives up (PXE 2.1, section 2.2). */
const DHCP_TRIES = 4;

/**
 * One start of a machine: firmware, network boot or disk, until something runs or nothing can be started.
 * @returns what runs; undefined where the machine stays on with nothing.
 */
export async function bootMachine(machine: Machine, signal: AbortSignal): Promise<Running | undefined> {
  if (machine.faults.noPost) return undefined;
  const told = machine.override.take();
  const bootable = machine.faults.otherSystem || machine.bootDisk !== undefined;
  const fromNetwork = told === "Pxe" || told === "UefiHttp" || !bootable;
  machine.tell("boot", { from: fromNetwork ? "network" : "disk", override: told });
  await machine.takes("post", signal);
  const byHttp = told === "UefiHttp" && machine.description.firmware === "uefi";
  const installer = fromNetwork ? await bootFromNetwork(machine, byHttp, signal) : undefined;
  return installer ?? bootFromDisk(machine, signal);
}

async function bootFromDisk(machine: Machine, signal: AbortSignal): Promise<Running | undefined> {
  const disk = machine.bootDisk;
  if (machine.faults.otherSystem) {
    await machine.takes("systemStart", signal);
    return startOtherSystem(machine);
  }
  if (disk !== undefined) machine.reaches("disk-boot");
  if (disk === undefined || machine.faults.systemHangs || machine.faults.outOfMemory) return undefined;
  await machine.takes("systemStart", signal);
  return startSystem(machine, disk);
}

/** As the servers see it: DHCP, TFTP or HTTP, DHCP again, boot.ipxe, the machine's script, and what the script names. */
async function bootFromNetwork(machine: Machine, byHttp: boolean, signal: AbortSignal): Promise<Running | undefined> {
  const { host } = machine.around;
  const { mac } = machine.description;
  if (machine.faults.noLink) return undefined;
  await machine.takes("dhcp", signal);
  machine.reaches("dhcp");
  const address = await askForAddress(machine, signal);
  if (address === undefined || machine.faults.otherAddress) return undefined;
  await machine.takes("tftp", signal);
  if (!(await loadBootFile(machine, address, byHttp))) return undefined;
  await machine.takes("ipxe", signal);
  if ((await askForAddress(machine, signal, "iPXE")) === undefined) return undefined;
  const first = (await host.http(address, "/boot.ipxe"))?.toString("utf8");
  if (first === undefined) return undefined;
  const script = (await host.http(address, `/${bootScriptPath(mac)}`))?.toString("utf8");
  if (script === undefined) await tellWho(machine, address, first);
  if (bootScriptKind(script) !== "install") return undefined;
  return loadInstaller(machine, address, script ?? "", signal);
}

/** Nobody declared this machine: it tells who it is, as boot.ipxe says, before its menu goes on with the disk. */
async function tellWho(
  { around, description, serial, inventory }: Machine,
  address: string,
  bootScript: string,
): Promise<void> {
  const [, url = ""] = /^imgfetch --name seen (\S+) /m.exec(bootScript) ?? [];
  const settings: Record<string, string> = {
    "netX/mac:hexhyp": description.mac.replaceAll(":", "-"),
    "serial:uristring": encodeURIComponent(serial),
    uuid: description.uuid,
    "manufacturer:uristring": "Flint",
    "product:uristring": encodeURIComponent(inventory.model),
  };
  const { pathname, search } = new URL(url.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => settings[name] ?? ""));
  await around.host.http(address, `${pathname}${search}`);
}

/** Whether the boot file came that DHCP names for this firmware. */
async function loadBootFile(machine: Machine, address: string, byHttp: boolean): Promise<boolean> {
  const { host } = machine.around;
  if (!byHttp) return host.tftp(address, machine.description.firmware === "uefi" ? "snponly.efi" : "undionly.kpxe");
  machine.tell("http-boot", { path: HTTP_BOOT.path });
  return (await host.http(address, HTTP_BOOT.path)) !== undefined;
}

/** What dnsmasq answers: the address that is registered for the card, or none. */
async function askForAddress(
  machine: Machine,
  signal: AbortSignal,
  as: "firmware" | "iPXE" = "firmware",
): Promise<string | undefined> {
  const { host } = machine.around;
  for (let tries = DHCP_TRIES; tries > 0; tries--) {
    const lost = spend(machine.faults, "dhcpLost");
    const address = lost ? undefined : await host.dhcp(machine.description.mac, !machine.faults.otherAddress, as);
    if (address !== undefined) return address;
    if (tries > 1) await machine.takes("dhcp", signal);
  }
  return undefined;
}

async function loadInstaller(
  machine: Machine,
  address: string,
  script: string,
  signal: AbortSignal,
): Promise<Running | undefined> {
  const { host } = machine.around;
  const commandLine = /^kernel (\S+) (.*)$/m.exec(script);
  const [, kernel = "", line = ""] = commandLine ?? [];
  const initrds = [...script.matchAll(/^initrd --name \S+ (\S+)$/gm)].map(([, url = ""]) => url);
  const nonce = /flint\.nonce=(\S+)/.exec(line)?.[1] ?? "";
  const paths = [kernel, ...initrds].map((url) => new URL(url).pathname);
  let keys: Buffer | undefined;
  machine.reaches("initrd");
  for (const path of paths) {
    const times = Math.ceil(machine.faults.slowTransfer ?? 1);
    for (let time = 1; time <= times; time++) {
      await machine.takes(path === paths[0] ? "kernel" : "initrd", signal);
      if (time < times) host.sends(address, path, time / times);
    }
    if (path === paths.at(-1) && spend(machine.faults, "transferBreaks")) {
      host.sends(address, path, 0.4);
      return undefined;
    }
    const content = await host.http(address, path);
    if (content === undefined) return undefined;
    if (path === `/${keysPath(address, nonce)}`) keys = content;
  }
  await machine.takes("installerStart", signal);
  if (keys === undefined || machine.faults.outOfMemory) return undefined;
  return startInstaller(machine, address, line, readArchive(keys));
}
