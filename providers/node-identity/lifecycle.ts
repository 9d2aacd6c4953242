import { defineLifecycle } from "../runtime/lifecycle.js";
import {
  type IdentityInputs,
  type IdentityOutputs,
  inputsSchema,
  type StoredIdentity,
  storedSchema,
} from "./schema.js";

/** A certificate that ends within half a year is made anew by the next `pulumi up`. */
const RENEW_MS = 183 * 86_400_000;

function endsSoon({ expires }: Partial<IdentityOutputs>): boolean {
  return expires !== undefined && Date.parse(expires) - Date.now() < RENEW_MS;
}

export const lifecycle = defineLifecycle<IdentityInputs, IdentityOutputs, StoredIdentity>({
  type: "NodeIdentity",
  inputs: inputsSchema,
  stored: storedSchema,
  shared: ["ca", "caKey"],
  id: (want) => `${want.cluster}/${want.node}`,
  secrets: (want) => ("caKey" in want ? [want.caKey] : []),
  replaceOn: ["cluster", "node"],
  // A new CA has a new certificate, which is compared.
  ignore: ["caKey"],
  unfinished: endsSoon,
  work: () => import("./work.js"),
});
