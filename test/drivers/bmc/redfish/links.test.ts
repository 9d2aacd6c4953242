import assert from "node:assert/strict";
import fc from "fast-check";
import { retryAfterMs } from "../../../../drivers/bmc/redfish/client.js";
import { preconditions } from "../../../../drivers/bmc/redfish/etag.js";
import { pathOf, withPaths } from "../../../../drivers/bmc/redfish/links.js";

describe("a link of a BMC", () => {
  for (const [link, base, path] of [
    ["/redfish/v1/Systems/1", "/redfish/v1/", "/redfish/v1/Systems/1"],
    ["/redfish/v1/Systems/1/", "/redfish/v1/", "/redfish/v1/Systems/1/"],
    ["Systems", "/redfish/v1/", "/redfish/v1/Systems"],
    ["1", "/redfish/v1/Systems/", "/redfish/v1/Systems/1"],
    ["../Chassis", "/redfish/v1/Systems/", "/redfish/v1/Chassis"],
    ["https://192.168.0.7/redfish/v1/Systems/1", "/redfish/v1/", "/redfish/v1/Systems/1"],
    ["//other.example.com/redfish/v1/Systems/1", "/redfish/v1/", "/redfish/v1/Systems/1"],
    ["/monitor?id=1", "/", "/monitor?id=1"],
  ] as const)
    it(`${link} in ${base} is ${path}`, () => assert.equal(pathOf(link, base), path));

  it("never leads to another host, whatever it says", () => {
    const own = "https://10.0.100.150";
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.webPath(), fc.string()), (link) => {
        let path: string;
        try {
          path = pathOf(link, "/redfish/v1/");
        } catch {
          return; // no link at all
        }
        assert.equal(new URL(path, own).origin, own);
      }),
    );
  });

  it("is resolved wherever it stands, and nothing else is touched", () => {
    const resource = {
      "@odata.id": "Systems/1",
      Name: "Systems/1",
      Members: [{ "@odata.id": "https://bmc/redfish/v1/Systems/2" }],
      Actions: { "#ComputerSystem.Reset": { target: "Systems/1/Reset", "@Redfish.ActionInfo": "Info" } },
    };
    assert.deepEqual(withPaths(resource, "/redfish/v1/"), {
      "@odata.id": "/redfish/v1/Systems/1",
      Name: "Systems/1",
      Members: [{ "@odata.id": "/redfish/v1/Systems/2" }],
      Actions: {
        "#ComputerSystem.Reset": { target: "/redfish/v1/Systems/1/Reset", "@Redfish.ActionInfo": "/redfish/v1/Info" },
      },
    });
  });
});

describe("the conditions of a change", () => {
  it("begin with the ETag as it was shown, and go on with what BMCs take instead", () => {
    assert.deepEqual(preconditions('W/"a"'), [{ "if-match": 'W/"a"' }, { "if-match": '"a"' }, {}, { "if-match": "*" }]);
    assert.deepEqual(preconditions('"a"'), [{ "if-match": '"a"' }, {}, { "if-match": "*" }]);
    for (const none of [undefined, "", " ", '""']) assert.deepEqual(preconditions(none), [{}, { "if-match": "*" }]);
  });
});

describe("a Retry-After header", () => {
  const now = Date.parse("2026-11-20T08:00:00Z");
  for (const [header, ms] of [
    ["2", 2_000],
    ["0", 0],
    ["3600", 30_000],
    ["Fri, 20 Nov 2026 08:00:05 GMT", 5_000],
    ["Fri, 20 Nov 2026 07:00:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ] as const)
    it(`${header} is ${ms} ms`, () => assert.equal(retryAfterMs({ header: () => header }, now), ms));
});
