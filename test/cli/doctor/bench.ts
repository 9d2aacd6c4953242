import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { makeKeyPair } from "../../../drivers/ssh/key-pair.js";
import { waitUntil } from "../../../foundation/wait.js";
import { CHECKOUT, layoutOf, machineFiles } from "../../../lab/rack/layout.js";
import { inNamespace, tapName } from "../../../lab/rack/namespace.js";
import type { NodeRecord } from "../../../providers/bare-metal-node/record.js";
import type { NodeInputs } from "../../../providers/bare-metal-node/schema.js";
import type { Order } from "./drive.js";
import { exportedState } from "./exported-state.js";
import { images } from "./images.js";

const NET = "10.23.0";
const HOST = `${NET}.1`;
const OPERATOR = `${NET}.254`;
const CLUSTER = "doctor";
export const ROOT = `/var/lib/flint/${CLUSTER}`;

/** One machine of the rack, and how the stack declares it. */
export interface MachineSpec {
  memory?: number;
  firmware?: "uefi" | "bios";
  secureBoot?: boolean;
  declared?: "uefi" | "bios";
  image?: "control-plane" | "worker" | "all-in-one";
}

export interface Examined {
  code: number | undefined;
  text: string;
}

/**
 * A virtual rack whose machines shall not come up: real firmware, a real provisioning host that Flint itself set up, and
 * the doctor as users call it. The state it reads is written as the Pulumi CLI exports it.
 */
export class DoctorBench {
  readonly rack = `d${process.pid.toString(36)}`;
  readonly layout = layoutOf(this.rack);
  readonly dir = mkdtempSync(join(tmpdir(), "flint-doctor-"));
  readonly loginKey = makeKeyPair("login");
  private readonly names: string[];
  private readonly records = new Map<string, NodeRecord>();
  /** By `pulumi up`, as the state then says. */
  private readonly switchedOn = new Set<string>();
  private readonly running: ReturnType<typeof execa>[] = [];

  constructor(private readonly machines: Readonly<Record<string, MachineSpec>>) {
    this.names = Object.keys(machines);
  }

  number(name: string): number {
    return this.names.indexOf(name) + 1;
  }

  mac(name: string): string {
    return `52:54:00:17:00:${this.number(name).toString(16).padStart(2, "0")}`;
  }

  address(name: string): string {
    return `${NET}.${50 + this.number(name)}`;
  }

  tap(name: string): string {
    return tapName(this.number(name), "provisioning");
  }

  /** Rack, boot servers and images; nothing is powered. */
  async start(): Promise<void> {
    const machines = this.names.map((name) => {
      const { memory = 512, firmware = "uefi", secureBoot = false } = this.machines[name] ?? {};
      const bmc = `${NET}.${150 + this.number(name)}`;
      return `  ${name}: { mac: "${this.mac(name)}", bmc: ${bmc}, memory: ${memory}, disk: 1, firmware: ${firmware}, secureBoot: ${secureBoot}, display: false }`;
    });
    writeFileSync(
      join(this.dir, "rack.yaml"),
      `name: ${this.rack}
networks:
  provisioning: { cidr: ${NET}.0/24, operator: ${OPERATOR} }
  cluster: { cidr: 10.23.1.0/24, operator: 10.23.1.254 }
host: { address: ${HOST} }
machines:
${machines.join("\n")}
`,
    );
    await this.lab("up", "--file", join(this.dir, "rack.yaml"));
    await this.drive(
      {
        do: "create",
        resource: "pxe",
        properties: {
          ...this.shared(),
          interface: "host0",
          address: HOST,
          cidr: `${NET}.0/24`,
          domain: "doctor.example.com",
          // No pool: only machines that are registered get an address.
          dhcp: { mode: "full" },
        },
      },
      ...images(this.shared(), this.dir),
    );
    const bin = join(this.dir, "bin");
    mkdirSync(bin);
    // What the CLI prints of this stack is made here: there is no program to run.
    writeFileSync(join(bin, "pulumi"), `#!/bin/sh\nexec cat "${this.stateFile}"\n`);
    chmodSync(join(bin, "pulumi"), 0o755);
  }

  async stop(): Promise<void> {
    for (const child of this.running) child.kill();
    await Promise.allSettled(this.running);
    if (existsSync(this.layout.dir)) await this.lab("down");
    rmSync(this.dir, { recursive: true, force: true });
  }

  lab(...args: string[]) {
    const [command = "", ...rest] = args;
    return execa(join(CHECKOUT, "scripts/rack"), [command, "--rack", this.rack, ...rest], {
      timeout: 290_000,
      stdin: "ignore",
    });
  }

  /** Runs a command in the rack's network, beside the machines. */
  inside(command: string[], input = "") {
    return execa(...inNamespace(this.layout, command), { timeout: 50_000, input });
  }

  /** A program that runs there until the end. */
  beside(command: string[]): void {
    const child = execa(...inNamespace(this.layout, command), { reject: false });
    this.running.push(child);
  }

  async onHost(command: string): Promise<string> {
    const known = join(this.layout.dir, "run", "known_hosts");
    const login = [
      "-F",
      "none",
      "-o",
      `UserKnownHostsFile=${known}`,
      "-o",
      "BatchMode=yes",
      "-i",
      this.layout.operatorKey,
    ];
    return (await this.inside(["ssh", ...login, `root@${HOST}`, command])).stdout;
  }

  async drive(...orders: Order[]): Promise<void> {
    assert.equal(await this.outcome(...orders), undefined);
  }

  /** The error that Flint ends with; undefined for none. */
  async outcome(...orders: Order[]): Promise<string | undefined> {
    const { stdout } = await execa(...inNamespace(this.layout, [process.execPath, join(__dirname, "drive.js")]), {
      input: JSON.stringify(orders),
      timeout: 200_000,
    });
    return z.object({ error: z.string().optional() }).parse(JSON.parse(stdout)).error;
  }

  private shared() {
    return { cluster: CLUSTER, host: this.hostTarget(), httpUrl: `http://${HOST}` };
  }

  private hostTarget(): NodeInputs["host"] {
    return {
      name: "provisioning host",
      host: HOST,
      privateKey: readFileSync(this.layout.operatorKey, "utf8"),
      hostKeys: [readFileSync(this.layout.hostKeyPublic, "utf8").trim()],
    };
  }

  /** A machine as the stack declares it. */
  want(name: string): NodeInputs {
    const { declared, firmware = "uefi", image = "control-plane" } = this.machines[name] ?? {};
    return {
      cluster: CLUSTER,
      domain: "doctor.example.com",
      name,
      profile: image,
      mac: this.mac(name),
      addresses: { provisioning: this.address(name), cluster: `10.23.1.${50 + this.number(name)}` },
      firmware: declared ?? firmware,
      host: this.hostTarget(),
      pxe: { httpUrl: `http://${HOST}`, root: ROOT },
      image,
      bmc: { type: "redfish", url: `https://${NET}.${150 + this.number(name)}` },
      bmcDefaults: {
        username: "admin",
        password: readFileSync(this.layout.bmcPassword, "utf8").trim(),
        ca: readFileSync(this.layout.caCertificate, "utf8"),
      },
      disk: { layout: "single", mark: "flint-00000000" },
      system: { flake: "none", inputs: {}, digest: "" },
      data: {},
      config: {},
      material: { hostKey: "", key: "" },
      cert: "",
      ca: "",
      hostKeyPublic: makeKeyPair("system").publicKey,
      loginKey: this.loginKey,
      deadlines: { boot: 12, build: 60, install: 60, firstBoot: 60 },
      onDelete: "leave",
    };
  }

  /**
   * `pulumi up` has the machine's BMC boot it, again with more patience until its error says so: an emulated machine takes its
   * time to get there.
   */
  async upFails(name: string, told: RegExp): Promise<void> {
    const want = this.want(name);
    let last: string | undefined;
    for (const boot of [30, 60, 120]) {
      const deadlines = { ...want.deadlines, boot };
      last = await this.outcome({ do: "boot", want: { ...want, deadlines }, record: this.record(name) });
      if (told.test(last ?? "")) break;
    }
    assert.match(last ?? "no error", told, `${last}\n${this.console(name)}`);
    this.switchedOn.add(name);
  }

  record(name: string, change: Partial<NodeRecord> = {}): NodeRecord {
    const before = this.records.get(name) ?? {
      version: 1,
      node: name,
      mark: "flint-00000000",
      nonce: randomBytes(8).toString("hex"),
      installerKey: makeKeyPair(`installer of ${name}`),
      phase: "booting",
    };
    const record = { ...before, ...change };
    this.records.set(name, record);
    return record;
  }

  private get stateFile(): string {
    return join(this.dir, "state.json");
  }

  /** `npx flint doctor NAME`. `stack`: what the stack says differently of the machine. */
  async examine(name: string, stack: Partial<NodeInputs> = {}): Promise<Examined> {
    const found = this.switchedOn.has(name) ? { phase: "powered-on" as const } : {};
    writeFileSync(this.stateFile, exportedState([{ ...this.want(name), ...stack }], found), { mode: 0o600 });
    const command = inNamespace(this.layout, [process.execPath, join(CHECKOUT, "dist/cli/main.js"), "doctor", name]);
    const { exitCode, stdout, stderr } = await execa(...command, {
      env: { PATH: `${join(this.dir, "bin")}:${process.env.PATH}` },
      reject: false,
      timeout: 100_000,
      stdin: "ignore",
    });
    return { code: exitCode, text: `${stdout}${stderr}` };
  }

  /** Asks again until the doctor says so, in these words: a machine takes its time to get there. */
  async comesTo(name: string, cause: string, told: RegExp, stack: Partial<NodeInputs> = {}): Promise<Examined> {
    let last = "";
    return waitUntil(
      async () => {
        const examined = await this.examine(name, stack);
        last = examined.text;
        return last.includes(`\nCause: ${cause}\n`) && told.test(last.replace(/\s+/g, " ")) ? examined : undefined;
      },
      {
        reason: `the doctor to say ${cause} of ${name}, ${told}`,
        deadlineMs: 240_000,
        intervalMs: 500,
        lastSeen: () => `${last}\n${this.console(name)}`,
        remedy: "",
      },
    );
  }

  private console(name: string): string {
    const file = machineFiles(this.layout, name).serialLog;
    return existsSync(file) ? readFileSync(file, "utf8").slice(-2000) : "no console";
  }
}
