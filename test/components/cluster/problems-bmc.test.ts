import assert from "node:assert/strict";
import type { NodeArgs } from "../../../components/cluster/args.js";
import { nodeOf } from "./sample.js";
import { broken, told } from "./told.js";

describe("problems of a machine's BMC", () => {
  it("one of two kinds, or of none", () => {
    assert.deepEqual(broken("nodes.node01.bmc", {}), [
      "nodes.node01.bmc: none of redfish, ipmi, wakeOnLan and manual | one of redfish: https://…, ipmi: HOST, wakeOnLan: true, or manual: true | Name the BMC's address; `wakeOnLan: true` when the machine has none and its card wakes it, `manual: true` when a person does.",
    ]);
    assert.deepEqual(broken("nodes.node01.bmc", { redfish: "https://10.0.100.150", ipmi: "10.0.100.150" }), [
      "nodes.node01.bmc: redfish and ipmi | one of redfish: https://…, ipmi: HOST, wakeOnLan: true, or manual: true | Name the BMC's address; `wakeOnLan: true` when the machine has none and its card wakes it, `manual: true` when a person does.",
    ]);
  });

  it("a key of another kind", () => {
    assert.deepEqual(broken("nodes.node01.bmc", { ipmi: "10.0.100.150", system: "/redfish/v1/Systems/1" }), [
      "nodes.node01.bmc.system: system of a BMC that is reached by ipmi | system beside redfish | Remove it.",
    ]);
  });

  it("a chassis where there is no BMC, or one that is no name", () => {
    const chassis = "rack1-left";
    assert.deepEqual(broken("nodes.node01.bmc", { manual: true, chassis }), [
      "nodes.node01.bmc.chassis: chassis of a BMC that is reached by manual | chassis beside redfish or ipmi | Remove it.",
    ]);
    assert.deepEqual(broken("nodes.node01.bmc", { ipmi: "10.0.100.150", chassis: 7 }), [
      'nodes.node01.bmc.chassis: 7 | text of at most 63 letters, digits, dots, hyphens and underscores, as "rack1-left" | Use the name by which you know the chassis; the same for all of its machines.',
    ]);
    assert.deepEqual(broken("nodes.node01.bmc", { ipmi: "10.0.100.150", chassis }), []);
    assert.deepEqual(broken("nodes.node01.bmc", { redfish: "https://10.0.100.150", chassis }), []);
  });

  it("an IPMI address that is a URL, and a cipher suite without encryption", () => {
    assert.deepEqual(broken("nodes.node01.bmc", { ipmi: "https://10.0.100.150", cipherSuite: 0 }), [
      'nodes.node01.bmc.ipmi: "https://10.0.100.150" | host or host:port, as 10.0.100.150 | Write the address or name of the BMC alone, without a scheme or path; the UDP port where it is not 623.',
      "nodes.node01.bmc.cipherSuite: 0 | one of 3, 8, 12, 17: those with authentication, integrity and encryption | Leave it out for the best that the BMC lists, or choose one of them.",
    ]);
  });

  it("no credentials, neither here nor for all", () => {
    assert.deepEqual(
      broken("bmc", { username: "admin" })[0],
      [
        "nodes.node01.bmc.password: missing | the BMC's password, here or once for all machines in bmc.password | Set it with `pulumi config set --secret --path`, or name a file or an environment variable.",
      ].join(),
    );
  });

  describe("two machines behind one BMC", () => {
    const both = (one: NodeArgs["bmc"], other: NodeArgs["bmc"]) =>
      told((cluster) => {
        nodeOf(cluster, "node01").bmc = one;
        nodeOf(cluster, "node02").bmc = other;
      });
    const RULE =
      "one machine per BMC, or one per `system` of a Redfish BMC | Copy each machine's own BMC address, or name the `system` of each of them.";
    const redfish = "https://10.0.100.150";

    it("with a system each are two", () => {
      const system = (n: number) => ({ redfish, system: `/redfish/v1/Systems/${n}` });
      assert.deepEqual(both(system(1), system(2)), []);
      const same = [`nodes.node02.bmc.redfish: "${redfish}" is also nodes.node01.bmc.redfish | ${RULE}`];
      assert.deepEqual(both(system(1), { redfish: `${redfish}/`, system: "/redfish/v1/Systems/1/" }), same);
      assert.deepEqual(both(system(1), { redfish }), same);
      assert.deepEqual(both({ redfish }, system(1)), same);
    });

    it("are one, whether it is reached by Redfish or by IPMI", () => {
      const ipmi = "10.0.100.150";
      assert.deepEqual(both({ redfish, system: "/redfish/v1/Systems/1" }, { ipmi }), [
        `nodes.node02.bmc.ipmi: "${ipmi}" is also nodes.node01.bmc.redfish | ${RULE}`,
      ]);
      assert.deepEqual(both({ ipmi }, { redfish }), [
        `nodes.node02.bmc.redfish: "${redfish}" is also nodes.node01.bmc.ipmi | ${RULE}`,
      ]);
      assert.deepEqual(both({ ipmi: "BMC01" }, { ipmi: "bmc01:623" }), [
        `nodes.node02.bmc.ipmi: "bmc01" is also nodes.node01.bmc.ipmi | ${RULE}`,
      ]);
    });

    it("are two where other ports lead to them", () => {
      assert.deepEqual(both({ ipmi: "10.0.100.150:6230" }, { redfish }), []);
      assert.deepEqual(both({ ipmi: "10.0.100.150:6230" }, { ipmi: "10.0.100.150:6231" }), []);
      assert.deepEqual(both({ redfish: `${redfish}:8443` }, { redfish: `${redfish}:8444` }), []);
    });
  });
});
