import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { hostAnswers } from "../../../components/cluster/host-answers.js";

describe("asking whether the provisioning host is there", () => {
  it("is content with anything that accepts a connection", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.equal(typeof address, "object");
    try {
      await hostAnswers("127.0.0.1", typeof address === "object" ? (address?.port ?? 0) : 0, "pxe.host");
    } finally {
      server.close();
    }
  });

  it("names the phase, the setting and the remedy when nothing listens", async () => {
    await assert.rejects(hostAnswers("127.0.0.1", 1, "pxe.host"), {
      code: "PXE_HOST_UNREACHABLE",
      message:
        "preparation: provisioning host 127.0.0.1 (pxe.host): expected ssh to answer on port 1 but found connect ECONNREFUSED 127.0.0.1:1. Switch it on, or correct the address; `ssh-keyscan` from here must show its key. Then run `pulumi up` again. [PXE_HOST_UNREACHABLE]",
    });
  });
});
