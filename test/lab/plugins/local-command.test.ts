import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "../../../foundation/wait.js";
import { localCommand } from "../../../lab/plugins/command/local.js";
import { listeningCall } from "./call.js";

/** Gone, or a zombie that its new parent has not looked after yet. */
const hasEnded = (pid: string) =>
  !existsSync(`/proc/${pid}/stat`) || /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

describe("the stand-in's command.local.Command", () => {
  const folder = mkdtempSync(join(tmpdir(), "flint-local-command-"));
  after(() => rmSync(folder, { recursive: true }));

  const create = async (inputs: object, call = listeningCall("hook")) =>
    localCommand.create((await localCommand.inputs()).parse(inputs), call);

  it("gives stdin and environment to the command, and keeps both outputs without their last newline", async () => {
    const { id, outputs } = await create({
      create: 'read line; echo "$line $NODE"; echo careful >&2',
      stdin: "hello\n",
      environment: { NODE: "node01" },
    });
    assert.deepEqual(outputs, { stdout: "hello node01", stderr: "careful" });
    assert.match(id, /^hook[0-9a-f]{8}$/);
  });

  it("shows each line while it runs, as far as logging is wanted", async () => {
    const call = listeningCall("hook");
    await create({ create: "echo one; echo two >&2", logging: "stdout" }, call);
    assert.deepEqual(call.said, ["one"]);
  });

  it("a failing command's error has its exit status, the command and everything it printed", async () => {
    await assert.rejects(create({ create: "echo so far; exit 3" }), {
      message: 'exit status 3: running "echo so far; exit 3":\nso far\n',
    });
  });

  it("an update runs `update`, or `create` where there is none, and hands over the earlier output", async () => {
    const { update } = localCommand;
    const run = async (inputs: object) =>
      update?.((await localCommand.inputs()).parse(inputs), { stdout: "before", stderr: "" }, listeningCall("hook"));
    const show = 'echo "$0: $PULUMI_COMMAND_STDOUT"';
    assert.deepEqual(await run({ create: "false", update: show }), { stdout: "/bin/sh: before", stderr: "" });
    assert.deepEqual(await run({ create: show, addPreviousOutputInEnv: false }), { stdout: "/bin/sh: ", stderr: "" });
    assert.deepEqual(await run({}), { stdout: "before", stderr: "" });
  });

  it("removal runs `delete`, in the folder given", async () => {
    await localCommand.remove?.({ delete: "touch gone", dir: folder, stdout: "", stderr: "" }, listeningCall("hook"));
    assert.equal(existsSync(join(folder, "gone")), true);
    await localCommand.remove?.({ create: "touch wrong", dir: folder }, listeningCall("hook"));
    assert.equal(existsSync(join(folder, "wrong")), false);
  });

  it("another interpreter takes the command as its last argument", async () => {
    const { outputs } = await create({ create: "console.log(6 * 7)", interpreter: [process.execPath, "-e"] });
    assert.equal(outputs.stdout, "42");
  });

  it("a command that does not read its stdin is no error", async () => {
    assert.deepEqual((await create({ create: "true", stdin: "x".repeat(1_000_000) })).outputs, {
      stdout: "",
      stderr: "",
    });
  });

  it("Ctrl-C ends the command and its children", async () => {
    const call = listeningCall("hook");
    const running = create({ create: `sleep 60 & echo $! ; wait`, dir: folder }, call);
    const line = await waitUntil(async () => call.said[0], {
      reason: "the command's line",
      deadlineMs: 60_000,
      remedy: "",
    });
    call.abort();
    await assert.rejects(running, { message: /^signal: SIGTERM: running "sleep 60/ });
    await waitUntil(async () => hasEnded(line), { reason: "the child's end", deadlineMs: 60_000, remedy: "" });
  });
});
