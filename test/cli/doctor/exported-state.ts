import type { NodeOutputs } from "../../../providers/bare-metal-node/outputs.js";
import type { NodeInputs } from "../../../providers/bare-metal-node/schema.js";
import { FOUND, writeSpec } from "../../../providers/runtime/spec-text.js";

const SIGNATURE = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const secret = (value: unknown) => ({ ...SIGNATURE, plaintext: JSON.stringify(value) });

const PROVIDER = "urn:pulumi:dev::flint::flint:index:ClusterComponent$pulumi:providers:pulumi-nodejs::provider";

/**
 * A stack as `pulumi stack export --show-secrets` tells it, as far as the doctor reads it. That the real CLI tells it so is
 * what test/cli/stack-state.test.ts shows.
 * @param found What the last `up` found out of these machines.
 */
export function exportedState(nodes: readonly NodeInputs[], found: Partial<NodeOutputs> = {}): string {
  const [first] = nodes;
  const { host, loginKey, bmcDefaults, ca } = first ?? {};
  const provider = {
    urn: PROVIDER,
    type: "pulumi:providers:pulumi-nodejs",
    inputs: { "flint:shared": secret(JSON.stringify({ host, loginKey, bmcDefaults, ca })) },
  };
  const machines = nodes.map(({ host: _, loginKey: __, bmcDefaults: ___, ca: ____, material, ...own }) => {
    const inputs = { ...writeSpec(own, () => true), material: secret(material) };
    return {
      urn: `urn:pulumi:dev::flint::flint:index:ClusterComponent$pulumi-nodejs:dynamic/flint:BareMetalNode::${own.name}`,
      type: "pulumi-nodejs:dynamic/flint:BareMetalNode",
      provider: `${PROVIDER}::0f3c`,
      inputs,
      outputs: { ...inputs, [FOUND]: JSON.stringify(found) },
    };
  });
  return JSON.stringify({ version: 3, deployment: { resources: [provider, ...machines] } });
}
