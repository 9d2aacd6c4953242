import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import {
  addKernelParameter,
  giveMachine,
  relabel,
  removeNode,
  setGeneration,
  setOnDelete,
  uncommentNode,
} from "../../../lab/demo/stack-file.js";

const DEV = readFileSync(path.resolve(__dirname, "../../../../Pulumi.dev.yaml"), "utf8");
const stack = z.object({
  config: z.object({
    "flint:cluster": z.object({
      nodes: z.record(z.string(), z.looseObject({ labels: z.record(z.string(), z.string()) })),
    }),
  }),
});
const nodes = (text: string) => stack.parse(parse(text)).config["flint:cluster"].nodes;

describe("the demo's edits of the dev stack", () => {
  it("uncomments node04 and leaves the other nodes as they are", () => {
    const { node04, ...others } = nodes(uncommentNode(DEV, "node04"));
    assert.deepEqual(others, nodes(DEV));
    assert.equal(node04?.mac, "52:54:00:00:00:04");
  });

  it("relabels one node only", () => {
    const before = nodes(DEV);
    const after = nodes(relabel(DEV, "node02", "b2"));
    assert.deepEqual(after.node02?.labels, { rack: "b2" });
    assert.deepEqual({ ...after, node02: undefined }, { ...before, node02: undefined });
  });

  it("gives one node only another kernel parameter, or a generation", () => {
    const before = nodes(DEV);
    const params = nodes(addKernelParameter(DEV, "node02", "loglevel=5"));
    assert.deepEqual(params, {
      ...before,
      node02: { ...before.node02, kernelParams: ["console=ttyS0,115200", "loglevel=5"] },
    });
    const anew = nodes(setGeneration(uncommentNode(DEV, "node04"), "node03", 2));
    assert.deepEqual(anew, {
      ...nodes(uncommentNode(DEV, "node04")),
      node03: { ...before.node03, generation: 2 },
    });
  });

  it("takes one node only out, or gives it another machine", () => {
    const four = uncommentNode(DEV, "node04");
    const wiped = nodes(setOnDelete(four, "node04", "wipe"));
    assert.deepEqual(wiped, { ...nodes(four), node04: { ...nodes(four).node04, onDelete: "wipe" } });
    assert.deepEqual(nodes(removeNode(four, "node04")), nodes(DEV));
    const { node03, ...others } = nodes(DEV);
    assert.deepEqual(nodes(removeNode(DEV, "node03")), others);
    const { node04 } = nodes(four);
    assert.deepEqual(nodes(giveMachine(DEV, "node03", 4)), {
      ...others,
      node03: {
        ...node03,
        ...{ mac: node04?.mac, clusterMac: node04?.clusterMac, disk: node04?.disk },
        ...{ bmc: node04?.bmc, serial: node04?.serial },
      },
    });
  });

  it("says when the node is in use already", () => {
    assert.throws(() => uncommentNode(uncommentNode(DEV, "node04"), "node04"), {
      message:
        'Pulumi.dev.yaml: expected a commented block "# node04:" but found node04 in use already. ' +
        "Restore the file: `git checkout Pulumi.dev.yaml`. [DEMO_STACK_FILE]",
    });
  });
});
