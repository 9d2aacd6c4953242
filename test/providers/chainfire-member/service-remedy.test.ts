import assert from "node:assert/strict";
import { serviceRemedy } from "../../../providers/chainfire-member/service-remedy.js";

describe("what is to be done where a raft service is not healthy in time", () => {
  const urls = (...nodes: string[]) => Object.fromEntries(nodes.map((node) => [node, `https://${node}:2379`]));
  const JOURNAL = "`journalctl -u chainfire -u chainfire-cluster-join` on node01";
  const want = { service: "chainfire", node: "node01" } as const;

  it("without a leader: the other members that form the cluster come first, and how many it takes", () => {
    const remedy = (...nodes: string[]) =>
      serviceRemedy({ ...want, bootstrap: true, endpoints: urls(...nodes) }, false);
    assert.equal(
      remedy("node02", "node01", "node03"),
      `A leader takes 2 of node01, node02, node03: look first why the others do not run; if they do, see ${JOURNAL}.`,
    );
    assert.match(remedy("node01", "node02"), /^A leader takes 2 of node01, node02: /);
    assert.match(remedy("node01", "node02", "node03", "node04", "node05"), /^A leader takes 3 of /);
    assert.equal(remedy("node01"), `See ${JOURNAL}.`, "alone it has nobody to wait for");
  });

  it("its own journal where it has one, or where it joins others", () => {
    const endpoints = urls("node01", "node02", "node03");
    assert.equal(serviceRemedy({ ...want, bootstrap: true, endpoints }, true), `See ${JOURNAL}.`);
    assert.equal(serviceRemedy({ ...want, bootstrap: false, endpoints }, false), `See ${JOURNAL}.`);
  });
});
