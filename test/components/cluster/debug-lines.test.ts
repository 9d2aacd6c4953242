import assert from "node:assert/strict";
import { promisify } from "node:util";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { withDebugLinesTogether } from "../../../components/cluster/debug-lines.js";

const MACHINES = Array.from({ length: 20 }, (_, n) => `node${n}`);

/** What an engine is sent as messages while `work` runs. */
async function sentDuring(work: () => Promise<unknown>): Promise<string[]> {
  const messages: string[] = [];
  const server = new Server();
  server.addService(EngineService, {
    log(call: ServerUnaryCall<LogRequest, Empty>, answer: sendUnaryData<Empty>) {
      messages.push(call.request.getMessage());
      answer(null, new Empty());
    },
  });
  const listen = promisify(server.bindAsync.bind(server));
  const port = await listen("127.0.0.1:0", ServerCredentials.createInsecure());
  pulumi.runtime.resetOptions("flint", "test", -1, `127.0.0.1:${port}`, "", false, "");
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: ({ inputs }) => inputs,
  });
  try {
    await work();
    await pulumi.runtime.disconnect(); // as at a program's end: nothing is under way any more
  } finally {
    server.forceShutdown();
    pulumi.runtime.resetOptions("", "", -1, "", "", false, "");
  }
  return messages;
}

class Machine extends pulumi.CustomResource {
  constructor(name: string) {
    super("flint:test:Machine", name, {});
  }
}

const register = () => MACHINES.map((name) => new Machine(name));
const all = (machines: Machine[]) =>
  new Promise<void>((resolve) => pulumi.all(machines.map(({ urn }) => urn)).apply(() => resolve()));

describe("the SDK's debug lines", () => {
  it("travel together while resources are registered, each a line, in their order", async () => {
    const alone = await sentDuring(async () => {
      await all(register());
    });
    const together = await sentDuring(async () => {
      await withDebugLinesTogether(
        () => all(register()),
        (registered) => registered,
      );
    });
    const lines = together.flatMap((message) => message.split("\n"));
    const registering = (name: string) =>
      `Registering resource: t=flint:test:Machine, name=${name}, custom=true, remote=false`;
    assert.deepEqual(
      lines.filter((line) => line.startsWith("Registering")),
      MACHINES.map(registering),
    );
    assert.deepEqual([...lines].sort(), [...alone].sort(), "none is missing");
    assert.ok(together.length < MACHINES.length, `${together.length} messages for ${lines.length} lines`);
  });

  it("keep their own message where they are a resource's", async () => {
    const messages = await sentDuring(() =>
      withDebugLinesTogether(
        async () => {
          const machine = new Machine("node01");
          await Promise.all(["one", "two"].map((text) => pulumi.log.debug(text, machine)));
        },
        (work) => work,
      ),
    );
    assert.deepEqual(
      messages.filter((message) => !message.startsWith("Regist") && !message.startsWith("Resource")),
      ["one", "two"],
    );
  });

  it("have arrived when the promise of one resolves", async () => {
    const messages = await sentDuring(() =>
      withDebugLinesTogether(
        async () => {
          void pulumi.log.debug("one");
          void pulumi.log.debug("two");
          await pulumi.log.debug("three");
        },
        (work) => work,
      ),
    );
    assert.deepEqual(messages, ["one", "two\nthree"]);
  });

  it("go one by one again afterwards", async () => {
    const before = pulumi.log.debug;
    await withDebugLinesTogether(
      async () => assert.notEqual(pulumi.log.debug, before),
      (work) => work,
    );
    assert.equal(pulumi.log.debug, before);
  });
});
