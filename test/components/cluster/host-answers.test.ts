import assert from "node:assert/strict";
import { hostAnswers } from "../../../components/cluster/host-answers.js";
import { fingerprint, parseHostKey } from "../../../drivers/ssh/host-key.js";
import { startSshd, type TestSshd } from "../../drivers/ssh/sshd.js";
import { freePort } from "../../loopback.js";

const NAME = "provisioning host";
const JUMP = "jump host of the provisioning host";
const printOf = ([line = ""]: string[]) => fingerprint(parseHostKey(line)?.blob ?? Buffer.alloc(0));

describe("asking whether the provisioning host lets the login key in", function () {
  this.timeout(120_000);
  let host: TestSshd;
  let jump: TestSshd;
  before(async () => {
    [host, jump] = await Promise.all([startSshd(NAME), startSshd(JUMP)]);
  });
  after(async () => {
    await host?.[Symbol.asyncDispose]();
    await jump?.[Symbol.asyncDispose]();
  });

  it("is content with a login, also through a jump host", async () => {
    await hostAnswers(host.target);
    await hostAnswers({ ...host.target, jump: jump.target });
  });

  it("names the phase, the setting and the remedy when nothing listens", async () => {
    const { user } = host.target;
    const port = await freePort();
    await assert.rejects(hostAnswers({ ...host.target, port }), {
      code: "PXE_HOST_UNREACHABLE",
      message:
        `preparation: provisioning host (pxe.host): expected ssh at ${user}@127.0.0.1:${port} but found connection refused. ` +
        `Check that provisioning host is up, that 127.0.0.1 is its address, and that nothing blocks port ${port}. ` +
        "Then run `pulumi up` again. [PXE_HOST_UNREACHABLE]",
    });
    await assert.rejects(hostAnswers({ ...host.target, jump: { ...jump.target, port } }), {
      code: "PXE_HOST_UNREACHABLE",
      message: new RegExp(
        `^preparation: ${JUMP} \\(pxe\\.host\\.jump\\): expected ssh at ${user}@127\\.0\\.0\\.1:${port} `,
      ),
    });
  });

  it("names the login key that is refused, or is none, and where it is declared", async () => {
    const { user, port } = host.target;
    await assert.rejects(hostAnswers({ ...host.target, privateKey: jump.target.privateKey }), {
      code: "SSH_AUTH",
      message:
        `preparation: provisioning host (pxe.host.privateKey): expected the login key to be accepted for ${user}@127.0.0.1:${port} ` +
        `but found a refusal. Add the key's public half to ~${user}/.ssh/authorized_keys on provisioning host. ` +
        "Then run `pulumi up` again. [SSH_AUTH]",
    });
    await assert.rejects(hostAnswers({ ...host.target, jump: { ...jump.target, privateKey: "no key" } }), {
      code: "SSH_KEY",
      message: new RegExp(
        `^preparation: ${JUMP}, login key \\(pxe\\.host\\.jump\\.privateKey\\): expected an unencrypted `,
      ),
    });
  });

  it("shows both fingerprints when another host answers", async () => {
    const { port, hostKeys } = host.target;
    await assert.rejects(hostAnswers({ ...host.target, hostKeys: jump.target.hostKeys }), {
      code: "SSH_HOST_KEY",
      message:
        `preparation: provisioning host, host key at 127.0.0.1:${port} (pxe.host.hostKey): expected ${printOf(jump.target.hostKeys)} ` +
        `but found ${printOf(hostKeys)}. Another machine answers at this address, or provisioning host was reinstalled by someone ` +
        "else. Nothing was sent to it. Then run `pulumi up` again. [SSH_HOST_KEY]",
    });
  });
});
