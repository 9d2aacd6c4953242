import assert from "node:assert/strict";
import fc from "fast-check";
import { addressInDhcpHost, renderDhcpHost } from "../../../../providers/bare-metal-node/render/dhcp-host.js";

describe("BareMetalNode: its entry for DHCP", () => {
  it("gives the address to the card, whatever client id asks", () => {
    const entry = renderDhcpHost({ mac: "52:54:00:00:00:04", address: "10.0.100.53", name: "node04" });
    assert.equal(entry, "52:54:00:00:00:04,id:*,10.0.100.53,node04,infinite\n");
  });

  it("tells the address that it was written with", () =>
    fc.assert(
      fc.property(fc.ipV4(), fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}$/), (address, name) => {
        assert.equal(addressInDhcpHost(renderDhcpHost({ mac: "52:54:00:00:00:04", address, name })), address);
      }),
    ));

  it("tells none where there is no entry, or none of ours", () => {
    for (const entry of ["", "\n", "52:54:00:00:00:04,10.0.100.53", "# nothing"])
      assert.equal(addressInDhcpHost(entry), undefined, entry);
  });
});
