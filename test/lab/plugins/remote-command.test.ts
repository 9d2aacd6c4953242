import assert from "node:assert/strict";
import { remoteCommand } from "../../../lab/plugins/command/remote.js";
import { privateKey } from "../../../lab/plugins/tls/private-key.js";
import { listeningCall, quietCall } from "./call.js";
import { startServer, type TestServer } from "./ssh-server.js";

describe("the stand-in's command.remote.Command", () => {
  let key: string;
  let publicKey: string;
  const servers: TestServer[] = [];
  before(async () => {
    const made = await privateKey.create({ algorithm: "ED25519", ecdsaCurve: "P224", rsaBits: 2048 }, quietCall("k"));
    key = String(made.outputs.privateKeyOpenssh);
    publicKey = String(made.outputs.publicKeyOpenssh);
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  async function serve(options: Parameters<typeof startServer>[0] = {}) {
    const server = await startServer({ authorizedKey: publicKey, ...options });
    servers.push(server);
    return { server, connection: { host: "127.0.0.1", port: server.port, privateKey: key, hostKey: server.hostKey } };
  }
  const create = async (inputs: object, call = listeningCall("prepare")) =>
    (await remoteCommand.create((await remoteCommand.inputs()).parse(inputs), call)).outputs;

  it("runs over ssh with the key of tls.PrivateKey and the host key pinned", async () => {
    const { connection } = await serve();
    const outputs = await create({ connection, create: "cat; echo careful >&2", stdin: "hello\n" });
    assert.deepEqual(outputs, { stdout: "hello", stderr: "careful" });
  });

  it("an ECDSA key in PEM form and a password work as well", async () => {
    const made = await privateKey.create({ algorithm: "ECDSA", ecdsaCurve: "P256", rsaBits: 2048 }, quietCall("k"));
    const ecdsa = await serve({ authorizedKey: String(made.outputs.publicKeyOpenssh) });
    const connection = { ...ecdsa.connection, privateKey: String(made.outputs.privateKeyPem) };
    assert.equal((await create({ connection, create: "echo ecdsa" })).stdout, "ecdsa");
    const { server } = await serve({ password: "let me in" });
    const byPassword = { host: "127.0.0.1", port: server.port, password: "let me in" };
    assert.equal((await create({ connection: byPassword, create: "echo password" })).stdout, "password");
  });

  it("another host key than the pinned one is refused, before any command", async () => {
    const [{ connection }, other] = [await serve(), await serve()];
    const wrong = { ...connection, hostKey: other.server.hostKey, dialErrorLimit: 0 };
    await assert.rejects(create({ connection: wrong, create: "true" }), {
      message: `after 0 failed attempts: 127.0.0.1:${connection.port}: Host denied (verification failed)`,
    });
  });

  it("a failing command's error has its exit status, the command and everything it printed", async () => {
    const { connection } = await serve();
    await assert.rejects(create({ connection, create: "echo so far; exit 3" }), {
      message: 'exit status 3: running "echo so far; exit 3":\nso far\n',
    });
  });

  it("dials again until the server is there, and tells each time", async () => {
    const { server, connection } = await serve({ refuseFirst: 2 });
    const call = listeningCall("prepare");
    assert.equal((await create({ connection, create: "echo there" }, call)).stdout, "there");
    assert.equal(server.connections(), 3);
    assert.deepEqual(call.said, ["Dial 1/10 failed: retrying", "Dial 2/10 failed: retrying", "there"]);
  });

  it("gives up after dialErrorLimit, with the address and the reason", async () => {
    const { connection, server } = await serve();
    await server.close();
    servers.splice(0);
    await assert.rejects(create({ connection: { ...connection, dialErrorLimit: 2 }, create: "true" }), {
      message: `after 2 failed attempts: 127.0.0.1:${connection.port}: connect ECONNREFUSED 127.0.0.1:${connection.port}`,
    });
  });

  it("goes through a proxy", async () => {
    const [jump, { connection }] = [await serve(), await serve()];
    const outputs = await create({ connection: { ...connection, proxy: jump.connection }, create: "echo behind" });
    assert.equal(outputs.stdout, "behind");
    assert.equal(jump.server.connections(), 1);
  });

  it("a variable that the server does not take fails as with the vendor's plugin; one that it takes arrives", async () => {
    const { connection } = await serve({ acceptEnv: ["NODE"] });
    const inputs = { connection, create: "echo $NODE $RACK" };
    assert.equal((await create({ ...inputs, environment: { NODE: "node01" } })).stdout, "node01");
    await assert.rejects(create({ ...inputs, environment: { RACK: "a1" } }), {
      message:
        'could not set environment variable "RACK": this only works if the SSH server accepts it (AcceptEnv). ' +
        "Or prefix the command with the variables in the form 'VAR=value command'.",
    });
  });

  it("removal runs `delete` on the machine; Ctrl-C while dialling ends at once", async () => {
    const { connection, server } = await serve();
    await remoteCommand.remove?.({ connection, delete: "true" }, listeningCall("prepare"));
    assert.equal(server.connections(), 1);
    await server.close();
    servers.splice(0);
    const call = listeningCall("prepare");
    const dialling = create({ connection: { ...connection, dialErrorLimit: -1 }, create: "true" }, call);
    setTimeout(() => call.abort(), 100);
    await assert.rejects(dialling, { name: /Error/ });
  });
});
