import assert from "node:assert/strict";
import { z } from "zod";
import { CHECKOUT, evaluate, OWN_LIB } from "./nix-evaluation.js";

/** mkCluster with a nixpkgs whose systems are the number of their modules. */
const make = (args: string) =>
  evaluate(`
    let
      lib = ${OWN_LIB.expression};
      nixpkgs = { outPath = "/nixpkgs"; lib = lib // { nixosSystem = { modules, ... }: {
        config.system.build.toplevel = builtins.length modules; }; }; };
      disko.nixosModules.disko = { };
      made = import ${CHECKOUT}/nix/lib/mk-cluster.nix { self.inputs = { inherit nixpkgs disko; }; } ({
        clusterFile = ${CHECKOUT}/nix/tests/example/cluster.json;
      } // ${args});
    in builtins.mapAttrs (_: node: node.config.system.build.toplevel) made.nixosConfigurations`);
const refused = (args: string, message: string) => assert.rejects(make(args), new Error(message));

describe("mkCluster", function () {
  this.timeout("120 s");

  it("makes a system of every node, with the operator's modules, and those of one node for that node only", async () => {
    const plain = z.record(z.string(), z.number()).parse(await make("{ }"));
    assert.deepEqual(Object.keys(plain), ["node01", "node02", "node03", "node04"]);
    const count = plain.node01 ?? 0;
    assert.deepEqual(await make("{ modules = [ { } ]; nodeModules.node02 = [ { } { } ]; }"), {
      node01: count + 1,
      node02: count + 3,
      node03: count + 1,
      node04: count + 1,
    });
  });

  it("makes none of an empty cluster.json, whatever is said of nodes", async () =>
    assert.deepEqual(await make("{ clusterFile = /dev/null; nodeModules.node01 = [ ]; }"), {}));

  it("refuses modules for a node that there is not", () =>
    refused(
      "{ nodeModules.node9 = [ ]; }",
      "mkCluster: nodeModules names node9, which cluster.json does not have. Its nodes are node01, node02, node03, node04.",
    ));

  it("asks for cluster.json where none is given", () =>
    refused(
      "{ clusterFile = null; }",
      "mkCluster: no clusterFile. Give the flake's input `cluster' (see the template), which Flint replaces with the " +
        "cluster's data.",
    ));
});
