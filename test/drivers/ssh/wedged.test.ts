import assert from "node:assert/strict";
import { once } from "node:events";
import ssh2 from "ssh2";
import { makeKeyPair } from "../../../drivers/ssh/key-pair.js";
import { openSsh } from "../../../drivers/ssh/session.js";
import { isFlintError } from "../../../foundation/errors.js";
import { portOf } from "../../loopback.js";

/** More than run at once on one connection: the rest waits for a turn. */
const COMMANDS = 8;

describe("an sshd that lets in, answers keepalives, and begins no command", function () {
  this.timeout(60_000);

  it("keeps no command waiting for ever, those behind the first ones neither", async () => {
    const [host, login] = [makeKeyPair("host"), makeKeyPair("login")];
    const server = new ssh2.Server({ hostKeys: [host.privateKey] }, (connection) => {
      connection.on("error", () => {}); // the client goes away
      connection.on("authentication", (context) => context.accept());
      connection.on("session", (accept) => accept().on("exec", () => {})); // neither yes nor no
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const target = { name: "node01", host: "127.0.0.1", port: portOf(server), privateKey: login.privateKey };
    const ssh = await openSsh({ ...target, hostKeys: [host.publicKey] });
    try {
      const all = Array.from({ length: COMMANDS }, () => ssh.exec(["true"], { deadlineMs: 1_000 }));
      const ends = await Promise.allSettled(all);
      const codes = ends.map((end) => end.status === "rejected" && isFlintError(end.reason) && end.reason.code);
      assert.deepEqual(
        codes,
        codes.map(() => "SSH_DEADLINE"),
      );
    } finally {
      ssh.close();
      server.close();
    }
  });
});
