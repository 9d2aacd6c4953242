import assert from "node:assert/strict";
import type { SshSession, SshTarget } from "../../../drivers/ssh/target.js";
import { FlintError } from "../../../foundation/errors.js";
import { patientSession } from "../../../providers/bare-metal-node/patient-session.js";

const target: SshTarget = { name: "provisioning host", host: "10.0.0.1", privateKey: "", hostKeys: [] };
const away = (code: string) =>
  new FlintError(code, { subject: "provisioning host", found: "connection refused", remedy: "Check that it is up." });

/** A session whose host fails so many calls before it answers. */
function patient(failures: readonly Error[], deadlineMs = 60_000, signal = new AbortController().signal) {
  const left = [...failures];
  const said: string[] = [];
  const readFile = async () => {
    const failure = left.shift();
    if (failure !== undefined) throw failure;
    return Buffer.from("content");
  };
  const connect = async (): Promise<SshSession> => ({
    target,
    readFile,
    exec: () => assert.fail("only files are read here"),
    script: () => assert.fail("only files are read here"),
    writeFile: () => assert.fail("only files are read here"),
    writeFiles: () => assert.fail("only files are read here"),
    readFiles: () => assert.fail("only files are read here"),
    follow: () => assert.fail("only files are read here"),
    close: () => {},
  });
  const session = patientSession(target, connect, { deadlineMs, say: (text) => void said.push(text), signal });
  return { session, said };
}

describe("a patient session", () => {
  it("makes a call again while its host is away, and says so", async () => {
    const { session, said } = patient([away("SSH_CONNECTION_LOST"), away("SSH_UNREACHABLE")]);
    assert.equal(String(await session.readFile("/a")), "content");
    assert.deepEqual(said, Array(2).fill("provisioning host does not answer: waiting for it"));
  });

  it("ends at its deadline with the call, the time and what was last seen", async () => {
    const { session } = patient(Array(100).fill(away("SSH_UNREACHABLE")), 600);
    await assert.rejects(session.readFile("/a"), {
      message:
        "provisioning host, reading /a: expected an answer within 0.6 s but found connection refused. Check that it is up. [SSH_UNREACHABLE]",
    });
  });

  it("passes on at once what no waiting mends", async () => {
    const refused = away("SSH_HOST_KEY");
    const { session, said } = patient([refused]);
    await assert.rejects(session.readFile("/a"), refused);
    assert.deepEqual(said, []);
  });

  it("ends with a cancel", async () => {
    const stop = new AbortController();
    const { session } = patient(Array(100).fill(away("SSH_UNREACHABLE")), 60_000, stop.signal);
    const reading = session.readFile("/a");
    stop.abort(new Error("cancelled"));
    await assert.rejects(reading, /cancelled/);
  });
});
