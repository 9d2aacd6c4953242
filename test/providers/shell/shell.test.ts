import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { FlintResource, shellText } from "../../../providers/shell.js";
import { RESOURCE_FOLDERS } from "../resource-folders.js";
import { probeProject } from "../runtime/provider-host.js";

class Probe extends FlintResource {
  declare readonly phase: pulumi.Output<number>;
  constructor(name: string, args: object, options?: pulumi.CustomResourceOptions) {
    super({ type: "Probe", folder: "probe", secrets: ["password"], outputs: ["phase"] }, name, args, options);
  }
}

describe("the shell that is stored with every resource", () => {
  it("is this text: a change here updates every resource of every user", () => {
    assert.equal(
      shellText("bare-metal-node"),
      'exports.handler=()=>{const l=import("pulumi-flint/lifecycle/bare-metal-node").then(m=>m.lifecycle);l.configure=r=>l.then(l=>l.configure(r));return l}',
    );
  });

  it("revives in a fresh process and forwards to the code that is installed there", () => {
    const project = probeProject();
    try {
      const load = `const load = require("module").createRequire(${JSON.stringify(require.resolve("@pulumi/pulumi"))})("require-from-string");
        load(${JSON.stringify(shellText("probe"))}).handler().then((provider) => provider.check({}, { name: "p1" })).then((answer) => console.log(JSON.stringify(answer.inputs)));`;
      const answer = execFileSync(process.execPath, ["-e", load], { cwd: project, encoding: "utf8" });
      assert.deepEqual(JSON.parse(answer), {
        name: "p1",
        size: 1,
        phases: 3,
        phaseMs: 10,
        place: "here",
        deaf: false,
      });
    } finally {
      rmSync(project, { recursive: true });
    }
  });

  it("refuses a folder name that is more than a name", () => {
    assert.throws(() => shellText('x"; process.exit(); "'), /^TypeError: not a folder under providers\//);
  });

  it("every resource's shell finds a lifecycle in the built package", async () => {
    const root = resolve(__dirname, "../../../..");
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const pattern: string = exports["./lifecycle/*"].default;
    for (const folder of RESOURCE_FOLDERS) {
      const { lifecycle } = await import(join(root, pattern.replace("*", folder)));
      assert.deepEqual(
        Object.keys(lifecycle).sort(),
        ["check", "configure", "create", "delete", "diff", "read", "update"],
        folder,
      );
    }
  });
});

describe("a Flint resource in a program", () => {
  const registered: pulumi.runtime.MockResourceArgs[] = [];
  before(() =>
    pulumi.runtime.setMocks(
      {
        newResource(args) {
          registered.push(args);
          return { id: args.name, state: args.inputs };
        },
        call: () => ({}),
      },
      "flint",
      "dev",
    ),
  );

  it("is a dynamic resource with its own URN among the inputs, and its secrets marked", async () => {
    const probe = new Probe("p1", { name: "p1", password: "hunter22", other: undefined });
    const urn = await new Promise((resolve) => probe.urn.apply(resolve));
    assert.ok(probe instanceof pulumi.dynamic.Resource);
    const inputs = registered.find((each) => each.name === "p1")?.inputs;
    assert.equal(inputs?.self, urn);
    assert.equal(inputs?.__provider, shellText("probe"));
    assert.equal(registered[0]?.type, "pulumi-nodejs:dynamic/flint:Probe");
    // The SDK's mark of a secret on its way to the engine.
    assert.deepEqual(inputs?.password, {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: "hunter22",
    });
  });
});
