import { seconds } from "../../../foundation/wait.js";
import { bootScriptPath, type ImagePointer } from "../render/boot-script.js";
import type { WireEvent } from "./parse-wire.js";

/** How far a machine has come on its way from power to installer, as its servers saw it. */
export type BootPhase = "powered-on" | "dhcp" | "firmware-loaded" | "ipxe" | "kernel" | "initrd" | "loaded";

const ORDER: BootPhase[] = ["powered-on", "dhcp", "firmware-loaded", "ipxe", "kernel", "initrd", "loaded"];

export interface BootWatch {
  node: string;
  mac: string;
  address: string;
  image: ImagePointer;
}

/** Follows one machine's boot from what DHCP, TFTP and HTTP saw. Feed it events; ask it for the phase, a line, a cause. */
export class BootProgress {
  phase: BootPhase = "powered-on";
  /** When each phase was reached (performance.now()). */
  readonly reached = new Map<BootPhase, number>();
  private lastDhcp: string | undefined;
  private lastFile: string | undefined;
  private inFlight = 0;
  private lastEventAt: number;

  constructor(
    private readonly watch: BootWatch,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.lastEventAt = this.now();
    this.reached.set("powered-on", this.lastEventAt);
  }

  /** Takes one event; true when it concerns this machine. */
  take(event: WireEvent): boolean {
    const { watch } = this;
    const mine = event.kind === "dhcp" ? event.mac === watch.mac : event.address === watch.address;
    if (!mine) return false;
    if (event.kind === "sending") {
      if (event.bytes > this.inFlight) this.lastEventAt = this.now();
      this.inFlight = event.bytes;
      return true;
    }
    this.lastEventAt = this.now();
    if (event.kind === "dhcp") {
      this.lastDhcp = event.message;
      this.advance("dhcp");
    } else if (event.kind === "tftp") {
      this.lastFile = `${event.ok ? "" : "failed: "}${event.file.split("/").at(-1)}`;
      if (event.ok) this.advance("firmware-loaded");
    } else this.takeHttp(event);
    return true;
  }

  private takeHttp(event: Extract<WireEvent, { kind: "http" }>): void {
    const { image } = this.watch;
    this.lastFile = `${event.uri} (${event.status})`;
    const path = event.uri.split("?")[0] ?? "";
    if (path.endsWith(".efi") && event.status < 300) this.advance("firmware-loaded");
    if (path === "/boot.ipxe") this.advance("ipxe");
    if (path === `/${bootScriptPath(this.watch.mac)}` && event.status === 200) this.start("kernel");
    const whole = (size: number) => event.status === 200 && event.bytes >= size;
    if (path === image.kernel.path && whole(image.kernel.size)) this.start("initrd");
    if (path === image.initrd.path && whole(image.initrd.size)) this.start("loaded");
  }

  private start(phase: BootPhase): void {
    this.inFlight = 0;
    this.advance(phase);
  }

  private advance(phase: BootPhase): void {
    if (ORDER.indexOf(phase) <= ORDER.indexOf(this.phase)) return;
    this.phase = phase;
    this.reached.set(phase, this.now());
  }

  /** One line for the user: "initrd 42 %". */
  line(): string {
    const { kernel, initrd } = this.watch.image;
    switch (this.phase) {
      case "powered-on":
        return "powered on, waiting for DHCP";
      case "dhcp":
        return `${this.lastDhcp ?? "DHCP"}, waiting for the boot file`;
      case "firmware-loaded":
        return "boot file loaded, starting iPXE";
      case "ipxe":
        return "iPXE is up";
      case "kernel":
        return `kernel ${percent(this.inFlight, kernel.size)}`;
      case "initrd":
        return `initrd ${percent(this.inFlight, initrd.size)} of ${megabytes(initrd.size)}`;
      case "loaded":
        return "installer starting";
    }
  }

  /** What was seen last and what it means, for the error when the installer does not appear. */
  diagnosis(): { found: string; remedy: string } {
    const silence = `nothing since ${seconds(this.now() - this.lastEventAt)}`;
    const sight = (text: string) => `${text}; ${silence}`;
    switch (this.phase) {
      case "powered-on":
        return {
          found: "no DHCP request on the wire",
          remedy: `Check the link and VLAN of the card with MAC ${this.watch.mac}, and that the firmware boots from it.`,
        };
      case "dhcp":
        return {
          found: sight(`${this.lastDhcp ?? "a DHCP request"}, but no boot file was asked for`),
          remedy:
            "Another DHCP server may have won, or the firmware refuses the offer: check for a second DHCP server.",
        };
      case "firmware-loaded":
        return {
          found: sight(`the boot file ${this.lastFile ?? ""} was sent, but iPXE asked for no script`),
          remedy: "Secure Boot may refuse iPXE, or the architecture is wrong: look at the machine's console.",
        };
      case "ipxe":
        return {
          found: sight(`iPXE fetched ${this.lastFile ?? "boot.ipxe"}, but not the node's script`),
          remedy: `Check that the booting card has MAC ${this.watch.mac}.`,
        };
      case "kernel":
      case "initrd":
        return {
          found: sight(`the ${this.phase} stopped: ${this.line()}`),
          remedy:
            "Check the link's speed and errors, and the machine's memory: kernel and initrd must fit into it twice.",
        };
      case "loaded":
        return {
          found: sight("kernel and initrd were fetched, but ssh does not answer"),
          remedy: "Look at the machine's console: too little memory, or no driver for the network card.",
        };
    }
  }
}

function percent(bytes: number, size: number): string {
  return `${Math.min(100, Math.floor((100 * bytes) / size))} %`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
