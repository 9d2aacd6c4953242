import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../clock.js";
import { spend } from "../machine/faults.js";
import type { Machine } from "../machine/machine.js";
import { requireSsh } from "../machine/sshd.js";
import { clusterFileSchema, type Store, type SystemClosure } from "../store.js";
import { TIMES } from "../times.js";
import type { NixFaults } from "./faults.js";
import { forEver } from "./for-ever.js";
import type { Tool, ToolCall } from "./server.js";
import { trusts } from "./trust.js";

export interface NixOptions {
  clock: Clock;
  store: Store;
  /** Where images are written, as nix would to its store. */
  directory: string;
  machineAt: (address: string) => Machine | undefined;
  faults: NixFaults;
  /** Told of what was built. */
  onBuilt?: (what: string) => void;
}

/** True, and one less from now on, as long as there is one left. */
function spendOne(faults: NixFaults, name: keyof NixFaults): boolean {
  const left = faults[name] ?? 0;
  if (left <= 0) return false;
  faults[name] = left - 1;
  return true;
}

const CLOSURE_BYTES = 40_000_000;
const NODE = /^nixosConfigurations\.([^.]+)\.config\.system\.build\.(toplevel|diskoScript)$/;
const IMAGE = /^packages\.x86_64-linux\.netboot-([a-z-]+)$/;

/** `nix` as Flint calls it: build, path-info, copy. */
export function nixTool(options: NixOptions): Tool {
  return (call) => {
    const [verb] = call.argv;
    if (verb === "build") return build(call, options);
    if (verb === "path-info") return pathInfo(call, options);
    if (verb === "copy") return copy(call, options);
    call.error(`error: the simulated nix does not know ${verb}`);
    return Promise.resolve(1);
  };
}

async function build(call: ToolCall, options: NixOptions): Promise<number> {
  const { clock, faults } = options;
  await clock.sleep(TIMES.evaluation, call.signal);
  const paths: string[] = [];
  for (const installable of installables(call.argv)) {
    const path = realise(installable, call.argv, options);
    if (path === undefined) {
      const attribute = installable.slice(installable.indexOf("#") + 1);
      message(call, `error: flake '${installable}' does not provide attribute '${attribute}'`);
      return 1;
    }
    paths.push(path);
  }
  const hangs = spendOne(faults, "hangs");
  const fails = hangs || spendOne(faults, "buildFails");
  if (fails || spendOne(faults, "diskFull")) {
    if (hangs) await forEver(call.signal);
    for (const installable of installables(call.argv)) options.store.built.delete(keyOf(installable, call.argv));
    message(
      call,
      fails ? "error: builder for 'simulated.drv' failed" : "error: writing to file: No space left on device",
    );
    return 1;
  }
  await clock.sleep(TIMES.build, call.signal);
  options.onBuilt?.(NODE.test(installables(call.argv)[0]?.split("#")[1] ?? "") ? "systems" : "image");
  call.out(JSON.stringify(paths.map((out) => ({ drvPath: `${out}.drv`, outputs: { out } }))));
  return 0;
}

const message = (call: ToolCall, msg: string) => call.error(`@nix ${JSON.stringify({ action: "msg", level: 0, msg })}`);

/** `flake#attribute` words of a command line. */
const installables = (argv: readonly string[]) => argv.filter((word) => /^[^#]+#[A-Za-z]/.test(word));

/** What the attribute is built from: the flake's files and the files that stand in for its inputs. */
function keyOf(installable: string, argv: readonly string[]): string {
  const [flake = "", attribute = ""] = installable.split("#");
  const hash = createHash("sha256").update(attribute).update(contentOf(flake));
  argv.forEach((word, at) => {
    if (word === "--override-input" && argv[at + 1] !== "cluster") hash.update(contentOf(argv[at + 2] ?? ""));
  });
  const node = NODE.exec(attribute)?.[1];
  if (node !== undefined) hash.update(JSON.stringify(clusterOf(argv)?.nodes[node] ?? null));
  return hash.digest("hex").slice(0, 32);
}

/** Names and contents of the files in a `path:` directory. */
function contentOf(reference: string): string {
  const directory = reference.replace(/^path:/, "");
  try {
    const names = readdirSync(directory).sort();
    return names.map((name) => `${name}\0${readFileSync(join(directory, name), "utf8")}`).join("\0");
  } catch {
    return reference; // a file, or a reference to somewhere else
  }
}

function clusterOf(argv: readonly string[]) {
  const at = argv.findIndex((word, index) => word === "--override-input" && argv[index + 1] === "cluster");
  const file = argv[at + 2]?.replace(/^path:/, "");
  return at < 0 || file === undefined ? undefined : clusterFileSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** The store path of an attribute, built if it was not; undefined where the flake has no such attribute. */
function realise(installable: string, argv: readonly string[], { store, directory }: NixOptions): string | undefined {
  const attribute = installable.slice(installable.indexOf("#") + 1);
  const key = keyOf(installable, argv);
  const image = IMAGE.exec(attribute)?.[1];
  const [, node = "", output] = NODE.exec(attribute) ?? [];
  const cluster = clusterOf(argv);
  const data = cluster?.nodes[node];
  let path: string | undefined;
  if (image !== undefined) path = writeImage(join(directory, `${key}-netboot-${image}`), image);
  else if (cluster !== undefined && data !== undefined) {
    path = output === "toplevel" ? `/nix/store/${key}-nixos-system-${node}` : `/nix/store/${key}-disko-${node}`;
    const system: SystemClosure = { toplevel: path, cluster: cluster.cluster.name, node, data, bytes: CLOSURE_BYTES };
    store.systems.set(path, system);
  }
  if (path !== undefined) store.built.set(key, path);
  return path;
}

/** An image with its manifest, small: nobody starts it. */
function writeImage(directory: string, profile: string): string {
  mkdirSync(directory, { recursive: true });
  const part = (file: string, size: number) => {
    const content = Buffer.alloc(size, `${profile} ${file} `);
    writeFileSync(join(directory, file), content);
    return { file, size, sha256: createHash("sha256").update(content).digest("hex") };
  };
  const [kernel, initrd] = [part("bzImage", 20_000), part("initrd", 60_000)];
  const cmdline = `init=/init flint.profile=${profile}`;
  const manifest = { version: 1, arch: "x86_64", kernel, initrd, cmdline };
  writeFileSync(join(directory, "manifest.json"), JSON.stringify(manifest));
  return directory;
}

/** Sizes of closures, or the path of an attribute that was built before. */
async function pathInfo({ argv, out }: ToolCall, { store }: NixOptions): Promise<number> {
  const [installable] = installables(argv);
  if (installable !== undefined) {
    const path = store.built.get(keyOf(installable, argv));
    if (path !== undefined) out(path);
    return path === undefined ? 1 : 0;
  }
  for (const path of argv.filter((word) => store.systems.has(word))) out(`${path}\t${store.systems.get(path)?.bytes}`);
  return 0;
}

/** `nix copy --to ssh://user@address path`. */
async function copy(call: ToolCall, { store, machineAt }: NixOptions): Promise<number> {
  const { argv, error, signal } = call;
  const address = argv[argv.indexOf("--to") + 1]?.replace(/^ssh:\/\/[^@]*@/, "") ?? "";
  const path = argv.at(-1) ?? "";
  const machine = machineAt(address);
  const disk = machine?.bootDisk;
  if (machine?.running?.kind !== "system" || disk === undefined || !trusts(call, address, disk.files)) {
    error(`error: cannot connect to 'root@${address}'`);
    return 1;
  }
  const system = store.systems.get(path);
  if (system === undefined) throw new Error(`path '${path}' is not valid`);
  const { running } = machine;
  machine.reaches("copy");
  requireSsh(machine);
  await machine.takes("copy", signal);
  if (spend(machine.faults, "copyHangs")) await forEver(signal);
  if (machine.faults.diskFull || machine.faults.diskErrors) {
    const why = machine.faults.diskFull ? "No space left on device" : "Input/output error";
    error(`error: writing file '${path}': ${why}`);
    return 1;
  }
  const { outOfMemory } = machine.faults; // the receiver is killed
  if (machine.running !== running || machine.refuses || outOfMemory || spend(machine.faults, "copyBreaks")) {
    error(`error: unexpected end-of-file while copying to 'ssh://root@${address}'`);
    return 1;
  }
  disk.store.add(path);
  machine.tell("copied", { path });
  machine.reaches("copied");
  return 0;
}
