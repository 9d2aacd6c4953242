import { inputsSchema, type PxeInputs } from "../../../providers/pxe-server/schema.js";

/** A provisioning host as in the dev stack. */
export function sample(changes: object = {}): PxeInputs {
  return inputsSchema.parse({
    cluster: "dev",
    host: { name: "provisioning host", host: "10.0.100.1", privateKey: "key", hostKeys: ["ssh-ed25519 AAAA"] },
    interface: "eth1",
    address: "10.0.100.1",
    cidr: "10.0.100.0/24",
    httpUrl: "http://10.0.100.1",
    dhcp: { mode: "full", range: ["10.0.100.200", "10.0.100.250"] },
    domain: "dev.example.com",
    ...changes,
  });
}
