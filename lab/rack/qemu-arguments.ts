import type { BootSource } from "../redfish/backend.js";
import { ACCELERATOR_OPTIONS, type Accelerator } from "./accelerator.js";
import { FIRMWARE_CODE, SECURE_FIRMWARE_CODE } from "./firmware-files.js";
import { tapName } from "./namespace.js";
import type { Machine } from "./schema.js";

/** Where the firmware looks, in this order. */
export type BootPath = "pxe" | "http" | "disk";

/** What a boot source means for the firmware: its own order is disk, then network. */
export function bootOrder(source: BootSource): BootPath[] {
  switch (source) {
    case "Pxe":
      return ["pxe", "disk"];
    case "UefiHttp":
      return ["http", "disk"];
    case "Hdd":
    case "None":
      return ["disk", "pxe"];
  }
}

export interface MachinePaths {
  disk: string;
  variables: string;
  qmp: string;
  console: string;
  pid: string;
  serialLog: string;
}

export interface QemuOptions {
  rack: string;
  machine: Machine;
  paths: MachinePaths;
  accelerator: Accelerator;
  source: BootSource;
}

/** The command line of one power-on. */
export function qemuArguments({ rack, machine, paths, accelerator, source }: QemuOptions): string[] {
  const { name, uuid, serial, memory, cpus } = machine;
  return [
    ...["-name", `${rack}/${name}`, "-machine", machineType(machine), ...ACCELERATOR_OPTIONS[accelerator]],
    ...["-smp", String(cpus), "-m", String(memory), "-nodefaults", "-no-user-config", "-display", "none"],
    ...["-uuid", uuid],
    ...["-smbios", `type=1,manufacturer=Flint Lab,product=Rack node,serial=${escaped(serial)},uuid=${uuid}`],
    // A one-time boot source counts for one boot only. QEMU would keep it across a reset, so a guest that resets ends
    // this process, and the machine starts again with the order of its next boot.
    ...["-action", "reboot=shutdown"],
    ...firmware(machine, paths.variables, source),
    ...disk(machine, paths.disk, source),
    ...cards(machine, source),
    ...["-object", "rng-random,id=rng0,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng0"],
    ...(machine.display ? ["-device", "VGA,vgamem_mb=4"] : []),
    ...[
      "-chardev",
      `socket,id=serial,path=${escaped(paths.console)},server=on,wait=off,logfile=${escaped(paths.serialLog)},logappend=on`,
    ],
    ...["-serial", "chardev:serial"],
    ...["-qmp", `unix:${escaped(paths.qmp)},server=on,wait=off`],
    // It waits until its monitor is heard: a guest that resets at once would be gone, and nobody would know why.
    ...["-pidfile", paths.pid, "-daemonize", "-S"],
  ];
}

/** Firmware with Secure Boot keeps its variables where only system management mode gets at them. */
function machineType({ secureBoot }: Machine): string {
  return secureBoot ? "q35,smm=on" : "q35";
}

function firmware({ firmware, secureBoot }: Machine, variables: string, source: BootSource): string[] {
  if (firmware === "bios") return [];
  return [
    ...(secureBoot ? ["-global", "driver=cfi.pflash01,property=secure,value=on"] : []),
    ...["-drive", `if=pflash,format=raw,unit=0,readonly=on,file=${secureBoot ? SECURE_FIRMWARE_CODE : FIRMWARE_CODE}`],
    ...["-drive", `if=pflash,format=raw,unit=1,file=${escaped(variables)}`],
    // The network here has no IPv6; and "HTTP" means that the firmware must not try TFTP first.
    ...["-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=no"],
    ...(source === "UefiHttp" ? ["-fw_cfg", "name=opt/org.tianocore/IPv4PXESupport,string=no"] : []),
  ];
}

function disk({ diskSerial }: Machine, path: string, source: BootSource): string[] {
  const place = bootOrder(source).indexOf("disk");
  return [
    // The rack is thrown away as a whole: no flushing to the real disk, which would dominate an installation's time.
    ...["-drive", `if=none,id=disk0,file=${escaped(path)},format=qcow2,cache=unsafe,discard=unmap`],
    ...["-device", `virtio-blk-pci,drive=disk0,serial=${escaped(diskSerial)},bootindex=${place}`],
  ];
}

function cards({ number, mac, clusterMac, firmware }: Machine, source: BootSource): string[] {
  const place = bootOrder(source).indexOf("disk") === 0 ? 1 : 0;
  // UEFI firmware boots with its own network stack; in BIOS mode the card's option ROM does it.
  const rom = firmware === "uefi" ? ",romfile=" : "";
  const card = (id: string, tap: string, address: string, extra: string) => [
    ...["-netdev", `tap,id=${id},ifname=${tap},script=no,downscript=no`],
    ...["-device", `virtio-net-pci,netdev=${id},mac=${address}${extra}`],
  ];
  return [
    ...card("prov", tapName(number, "provisioning"), mac, `${rom},bootindex=${place}`),
    ...(clusterMac === undefined ? [] : card("clus", tapName(number, "cluster"), clusterMac, ",romfile=")),
  ];
}

/** In QEMU's options a comma is written twice. */
function escaped(value: string): string {
  return value.replaceAll(",", ",,");
}
