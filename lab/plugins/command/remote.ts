import { randomBytes } from "node:crypto";
import type { Client } from "ssh2";
import { type Call, defineResource } from "../resource.js";
import type { Properties } from "../values.js";
import type { RemoteInputs } from "./inputs.js";
import { commandUpdateOn, Output, type Previous, previousOutput } from "./output.js";

const inputs = async () => (await import("./inputs.js")).inputs.remote;

/** command:remote:Command: a command on another machine, over ssh. */
export const remoteCommand = defineResource({
  type: "command:remote:Command",
  inputs,
  defaults: {},
  replaceOn: ["triggers"],
  secretIfAnyInputIs: ["stdout", "stderr"],
  updateOn: [...commandUpdateOn, "connection"],
  secretOutputs: ["connection"],
  async create(want, call) {
    const outputs = want.create === undefined ? { stdout: "", stderr: "" } : await run(want.create, want, {}, call);
    return { id: `${call.name}${randomBytes(4).toString("hex")}`, outputs };
  },
  async update(want, olds, call) {
    const command = want.update ?? want.create;
    return command === undefined ? { stdout: olds.stdout, stderr: olds.stderr } : await run(command, want, olds, call);
  },
  async remove(outputs, call) {
    const want = (await inputs()).parse(outputs);
    if (want.delete !== undefined) await run(want.delete, want, outputs, call);
  },
});

/** @throws Error with the command and all of its output. */
async function run(command: string, want: RemoteInputs, previous: Previous, call: Call): Promise<Properties> {
  const { dial } = await import("./dial.js"); // ssh2 only where it is used: each start of the plugin counts in previews
  const client = await dial(want.connection, call);
  try {
    const environment = want.environment ?? {};
    await acceptsEnvironment(client, environment, call);
    const env = { ...previousOutput(previous, want.addPreviousOutputInEnv), ...environment };
    const output = new Output(want.logging, call.say);
    const end = await execute(client, command, env, want.stdin ?? "", output);
    if (end !== "exit status 0") throw new Error(`${end}: running ${JSON.stringify(command)}:\n${output.all()}`);
    return { stdout: output.text("stdout"), stderr: output.text("stderr") };
  } finally {
    client.end();
  }
}

/**
 * A server ignores variables that its AcceptEnv does not name. The vendor's plugin fails then, so this one asks first:
 * ssh2 sends variables without waiting for the server's word.
 */
async function acceptsEnvironment(client: Client, environment: Record<string, string>, call: Call): Promise<void> {
  for (const [name, value] of Object.entries(environment)) {
    const output = new Output("none", call.say);
    await execute(client, `printenv ${name.replace(/\W/g, "_")}`, { [name]: value }, "", output);
    if (output.text("stdout") === value.replace(/\n$/, "")) continue;
    throw new Error(
      `could not set environment variable ${JSON.stringify(name)}: this only works if the SSH server accepts it (AcceptEnv). ` +
        "Or prefix the command with the variables in the form 'VAR=value command'.",
    );
  }
}

function execute(client: Client, command: string, env: Record<string, string>, stdin: string, output: Output) {
  return new Promise<string>((resolve, reject) => {
    const lost = () =>
      reject(new Error(`the connection was lost: running ${JSON.stringify(command)}:\n${output.all()}`));
    client.once("close", lost);
    client.exec(command, { env }, (error, channel) => {
      if (error) return reject(error);
      let end = "no exit status";
      channel.on("exit", (code: number | null, signal?: string) => {
        end = code === null ? `signal: ${signal}` : `exit status ${code}`;
      });
      channel.on("data", (bytes: Buffer) => output.add("stdout", bytes));
      channel.stderr.on("data", (bytes: Buffer) => output.add("stderr", bytes));
      channel.on("close", () => {
        client.removeListener("close", lost);
        resolve(end);
      });
      channel.end(stdin);
    });
  });
}
