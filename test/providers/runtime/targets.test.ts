import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { isNamed, namedTargets, targetsIn } from "../../../providers/runtime/targets.js";

const URN = "urn:pulumi:prod::rack::flint:index:ClusterComponent$pulumi-nodejs:dynamic/flint:BareMetalNode::node03";

describe("what a run names as its targets", () => {
  const table: [string, string[], string[]][] = [
    ["none", ["pulumi", "up", "--yes"], []],
    ["one", ["pulumi", "up", "--target", URN], [URN]],
    ["several, in all forms", ["pulumi", "up", "--target=a", "-t", "b", "-t=c", "-td"], ["a", "b", "c", "d"]],
    ["other flags", ["pulumi", "up", "--target-dependents", "--target-replace", "a", "--tracing", "b"], []],
    [
      "one behind other short flags",
      ["pulumi", "up", "-yt", "a", "-yft=b", "-yrtc", "-st", "-mt", "d"],
      ["a", "b", "c"],
    ],
    ["one without a value", ["pulumi", "up", "--target"], []],
  ];
  for (const [what, argv, expected] of table)
    it(what, () => {
      assert.deepEqual(targetsIn(argv), expected);
    });

  it("is a resource by its name, and not with its component or all of its kind", () => {
    for (const target of [URN, "**node03", "**BareMetalNode::node03", "**::node0*", "**node*3"])
      assert.equal(isNamed([target], URN), true, target);
    const others = [
      URN.replace("03", "04"),
      "urn:pulumi:prod::rack::flint:index:ClusterComponent::prod",
      "**",
      "**Node::*",
      "**BareMetalNode**",
      "urn:pulumi:prod::rack::*::*",
      "**::node1*",
    ];
    assert.equal(isNamed(others, URN), false);
    assert.equal(isNamed([...others, URN], URN), true);
  });

  it("is read from the command that started the provider host, through the plugin's script", async () => {
    const children: ChildProcess[] = [];
    // As the plugin: a shell that waits for another process.
    const start = async (name: string) => {
      const child = spawn("/bin/sh", ["-c", "echo up; read -r line; exit 0", "--target", "a"], { argv0: name });
      children.push(child);
      await once(child.stdout, "data");
      return child.pid ?? 0;
    };
    try {
      assert.deepEqual(namedTargets(await start("/usr/bin/pulumi")), ["a"]);
      assert.deepEqual(namedTargets(await start("other")), [], "another program's flag");
      assert.deepEqual(namedTargets(0), []);
    } finally {
      for (const child of children) child.kill();
    }
  });
});
