import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { type Call, defineResource } from "../resource.js";
import type { Properties } from "../values.js";
import type { LocalInputs } from "./inputs.js";
import { commandUpdateOn, Output, type Previous, previousOutput } from "./output.js";

const inputs = async () => (await import("./inputs.js")).inputs.local;

/** command:local:Command: a command on the operator's machine. */
export const localCommand = defineResource({
  type: "command:local:Command",
  inputs,
  defaults: {},
  replaceOn: ["triggers"],
  secretIfAnyInputIs: ["stdout", "stderr"],
  updateOn: [...commandUpdateOn, "dir", "interpreter"],
  refused: ["assetPaths", "archivePaths"],
  async create(want, call) {
    const outputs = want.create === undefined ? empty : await run(want.create, want, {}, call);
    return { id: `${call.name}${randomBytes(4).toString("hex")}`, outputs };
  },
  async update(want, olds, call) {
    const command = want.update ?? want.create;
    return command === undefined ? kept(olds) : await run(command, want, olds, call);
  },
  async remove(outputs, call) {
    const want = (await inputs()).parse(outputs);
    if (want.delete !== undefined) await run(want.delete, want, outputs, call);
  },
});

const empty: Properties = { stdout: "", stderr: "" };
const kept = ({ stdout, stderr }: Previous): Properties => ({ stdout, stderr });

/** Runs to the end; Ctrl-C ends the command with its children. @throws Error with the command and all of its output. */
async function run(command: string, want: LocalInputs, previous: Previous, call: Call): Promise<Properties> {
  const [program = "/bin/sh", ...args] = want.interpreter?.length ? want.interpreter : ["/bin/sh", "-c"];
  const output = new Output(want.logging, call.say);
  const child = spawn(program, [...args, command], {
    cwd: want.dir,
    env: { ...process.env, ...want.environment, ...previousOutput(previous, want.addPreviousOutputInEnv) },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true, // a process group of its own, to end as a whole
  });
  const stop = () => child.pid !== undefined && process.kill(-child.pid, "SIGTERM");
  call.signal.addEventListener("abort", stop, { once: true });
  child.stdin.on("error", () => {}); // the command need not read it
  child.stdin.end(want.stdin ?? "");
  child.stdout.on("data", (bytes: Buffer) => output.add("stdout", bytes));
  child.stderr.on("data", (bytes: Buffer) => output.add("stderr", bytes));
  try {
    const end = await new Promise<string>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(signal ? `signal: ${signal}` : `exit status ${code}`));
    });
    if (end !== "exit status 0") throw new Error(`${end}: running ${JSON.stringify(command)}:\n${output.all()}`);
  } finally {
    call.signal.removeEventListener("abort", stop);
  }
  return { stdout: output.text("stdout"), stderr: output.text("stderr") };
}
