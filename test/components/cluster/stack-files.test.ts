import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readCluster } from "../../../components/cluster/problems.js";
import { keysAt } from "../../../components/cluster/problems-structure.js";

const ROOT = join(__dirname, "../../../..");
const read = (name: string) => readFileSync(join(ROOT, name), "utf8");

describe("the stack files of the project", () => {
  it("describe sound clusters", () => {
    for (const name of ["Pulumi.dev.yaml", "Pulumi.example.yaml"]) {
      const { problems, warnings } = readCluster(parse(read(name)).config["flint:cluster"]);
      assert.deepEqual({ name, problems, warnings }, { name, problems: [], warnings: [] });
    }
  });

  it("stay sound when node04 is uncommented as its comment says", () => {
    const lines = read("Pulumi.dev.yaml").split("\n");
    const start = lines.indexOf("      # node04:");
    const length = lines.slice(start).findIndex((line) => !line.startsWith("      # "));
    const uncommented = lines.map((line, index) =>
      index >= start && index < start + length ? line.replace("# ", "") : line,
    );
    const { cluster, problems } = readCluster(parse(uncommented.join("\n")).config["flint:cluster"]);
    assert.deepEqual(problems, []);
    assert.equal(cluster?.nodes.node04?.bootstrap, false);
  });

  it("hold no secrets", () => {
    for (const name of ["Pulumi.dev.yaml", "Pulumi.example.yaml"]) {
      assert.doesNotMatch(read(name), /PRIVATE KEY|password: [^{]|secure:/);
    }
  });

  it("have every key described in docs/configuration.md", () => {
    const page = read("docs/configuration.md");
    const paths = [[], ["networks", "provisioning"], ["pxe"], ["pxe", "host"], ["pxe", "dhcp"], ["bmc"], ["system"]];
    const more = [
      ["services"],
      ["hooks"],
      ["deadlines"],
      ["nodes", "x"],
      ["nodes", "x", "disk"],
      ["nodes", "x", "bmc"],
    ];
    for (const path of [...paths, ...more]) {
      const keys = keysAt(path);
      assert.equal(keys.length > 0, true, path.join("."));
      for (const key of keys) assert.match(page, new RegExp(`\`(\\w+\\.)*${key}\``), `${path.join(".")}: ${key}`);
    }
  });
});
