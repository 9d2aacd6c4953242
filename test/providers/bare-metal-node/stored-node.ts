import type { StoredNode } from "../../../providers/bare-metal-node/schema.js";

/** A machine as the state keeps it: where nobody listens, with the given BMC. */
export function storedNode({ bmc, bmcDefaults = {} }: Pick<StoredNode, "bmc"> & Partial<StoredNode>): StoredNode {
  return {
    cluster: "dev",
    name: "node04",
    mac: "52:54:00:00:00:04",
    addresses: { provisioning: "127.0.0.97", cluster: "127.0.0.98" },
    host: { name: "provisioning host", host: "127.0.0.1", privateKey: "", hostKeys: [] },
    pxe: { httpUrl: "http://127.0.0.1", root: "/nowhere" },
    image: "worker",
    bmc,
    bmcDefaults,
    disk: { serial: "DISK-4", layout: "single-uefi", mark: "flint-1a2b3c4d" },
    loginKey: { privateKey: "", publicKey: "" },
    hostKeyPublic: "",
    onDelete: "power-off",
  };
}
