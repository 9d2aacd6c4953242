import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { StackFile } from "../../../lab/simulated/stack-file.js";

describe("the stack file of a simulated rack in a user's project", () => {
  let directory: string;
  let rack: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "stack-file-"));
    rack = join(directory, "rack");
    mkdirSync(rack);
    writeFileSync(join(directory, "Pulumi.yaml"), "name: mine\nruntime: nodejs\n");
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const file = (name = "Pulumi.simulated.yaml") => join(directory, name);
  const refused = (message: string) =>
    assert.throws(() => new StackFile(directory, "simulated", rack), { code: "SIMULATION_PROJECT", message });

  it("keeps what the CLI wrote, says whose it is, and is gone at the end", () => {
    const stack = new StackFile(directory, "simulated", rack);
    writeFileSync(file(), "encryptionsalt: v1:salt\n");
    stack.write({ "flint:cluster": { name: "sim" }, "mine:site": "attic" });
    stack.write({ "flint:cluster": { name: "other" }, "mine:site": "attic" });
    assert.deepEqual(parse(readFileSync(file(), "utf8")), {
      encryptionsalt: "v1:salt",
      config: { "flint:cluster": { name: "other" }, "mine:site": "attic", "flint:simulated": rack },
    });
    stack.remove();
    assert.equal(existsSync(file()), false);
  });

  it("can be edited: every key has a line of its own", () => {
    const stack = new StackFile(directory, "simulated", rack);
    const cluster = { name: "sim", nodes: { node01: { mac: "52:54:00:00:00:01" } } };
    for (let time = 0; time < 2; time++) {
      stack.write({ "flint:cluster": cluster });
      assert.match(
        readFileSync(file(), "utf8"),
        /^ {2}flint:cluster:\n {4}name: sim\n {4}nodes:\n {6}node01:\n {8}mac: /m,
      );
    }
  });

  it("is where the project keeps its stack files, by the ending of its own", () => {
    assert.equal(new StackFile(directory, "simulated", rack).path, file());
    writeFileSync(file("Pulumi.yaml"), "name: mine\nruntime: nodejs\nstackConfigDir: stacks\n");
    assert.equal(new StackFile(directory, "simulated", rack).path, file("stacks/Pulumi.simulated.yaml"));
    rmSync(file("Pulumi.yaml"));
    writeFileSync(file("Pulumi.yml"), "name: mine\nruntime: nodejs\n");
    assert.equal(new StackFile(directory, "simulated", rack).path, file("Pulumi.simulated.yml"));
  });

  it("takes the place of one that a rack left behind", () => {
    new StackFile(directory, "simulated", join(directory, "gone")).write({});
    assert.equal(existsSync(file()), true);
    assert.equal(new StackFile(directory, "simulated", rack).path, file());
    assert.equal(existsSync(file()), false);
  });

  it("is refused where it is the user's, or that of a rack which runs: nothing of either is touched", () => {
    const told = `${file()}: expected no stack simulated: the rack makes it and removes it but found`;
    const remedy = "Choose another name for the rack's stack. [SIMULATION_PROJECT]";
    writeFileSync(file(), "config: { mine:site: attic }\n");
    refused(`${told} a stack file of yours. ${remedy}`);
    assert.equal(readFileSync(file(), "utf8"), "config: { mine:site: attic }\n");
    rmSync(file());
    new StackFile(directory, "simulated", rack).write({});
    refused(`${told} that of another rack which runs. ${remedy}`);
    assert.equal(existsSync(file()), true);
  });

  it("is refused where there is no project", () => {
    rmSync(file("Pulumi.yaml"));
    refused(
      `${directory}: expected a Pulumi project but found no Pulumi.yaml. Name the directory of your program that has it. [SIMULATION_PROJECT]`,
    );
  });
});
