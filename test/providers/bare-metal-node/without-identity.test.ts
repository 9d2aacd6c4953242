import assert from "node:assert/strict";
import { lifecycle } from "../../../providers/bare-metal-node/lifecycle.js";
import { lifecycle as health } from "../../../providers/cluster-health/lifecycle.js";

const MACHINE = {
  cluster: "dev",
  name: "node04",
  mac: "52:54:00:00:00:04",
  addresses: { provisioning: "10.0.100.53", cluster: "10.0.200.13" },
  disk: { serial: "DISK-4", layout: "single-uefi", mark: "flint-1a2b3c4d", generation: 1 },
};
const IDENTITY = ["material", "cert", "hostKeyPublic"];
const properties = ({ failures }: { failures: { property: string }[] }) => failures.map(({ property }) => property);

/** The engine drops what it does not know from an update's inputs, and a check that fails ends even this kind of run. */
describe("with --continue-on-error, what another resource that failed would have given", () => {
  it("is not missed by the check of a machine, which refuses all else that is missing", async () => {
    const refused = properties(await lifecycle.check({}, MACHINE));
    assert.deepEqual(
      refused.filter((property) => IDENTITY.includes(property)),
      [],
    );
    assert.ok(refused.includes("profile"), refused.join(", "));
  });

  it("is a change of a machine that is there, and never replaces it", async () => {
    const olds = { ...MACHINE, cert: "CERT", hostKeyPublic: "ssh-ed25519 AAAA", phase: "ready" };
    assert.deepEqual(await lifecycle.diff("dev/node04", olds, MACHINE), { changes: true });
  });

  it("is asked for before a machine is touched", async () => {
    await assert.rejects(lifecycle.create(MACHINE), (error) => {
      assert.ok(error instanceof Error);
      for (const name of IDENTITY) assert.ok(error.message.includes(`${name}: Invalid input`), error.message);
      assert.match(error.message, /\[INPUT_INVALID\]$/);
      return true;
    });
  });

  it("is not missed by the check of the cluster's health", async () => {
    const inputs = { cluster: "dev", domain: "dev.example.com", nodes: {}, deadlines: { health: 20 } };
    assert.deepEqual(properties(await health.check({}, inputs)), []);
    assert.deepEqual(properties(await health.check({}, { ...inputs, domain: 7 })), ["domain"]);
  });
});
