import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { inputsOf, isSecret, plain, program } from "./mocked-program.js";
import { sampleCluster } from "./sample.js";

const KEY = "flint:cluster";
const RUN = "curl -H 'Authorization: Bearer token' https://tickets.example.com";

/** The command of each machine's hooks, as the engine is given them. */
async function commands(): Promise<unknown[]> {
  await program(
    sampleCluster((cluster) => {
      cluster.hooks = { beforeInstall: RUN, afterInstall: { run: RUN, on: "provisioning-host" } };
    }),
  );
  return ["node01-before-install", "node01-after-install"].map((name) => inputsOf(name).create);
}

describe("the commands of hooks", function () {
  this.timeout(120_000);
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it("are secrets where the stack's configuration of the cluster holds one: it may be theirs", async () => {
    pulumi.runtime.setAllConfig({ [KEY]: "{}" }, [KEY]);
    const found = await commands();
    assert.deepEqual(found.map(isSecret), [true, true]);
    assert.match(String(plain(found[0])), /Bearer token/);
    assert.match(String(plain(found[1])), /^export FLINT_CLUSTER=dev\n[\s\S]*Bearer token/);
  });

  it("are shown in a preview where it holds none", async () => {
    pulumi.runtime.setAllConfig({ [KEY]: "{}" }, ["flint:other"]);
    assert.deepEqual((await commands()).map(isSecret), [false, false]);
  });
});
