import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { hostTarget, prepareHost } from "../../../components/cluster/host.js";
import type { HostAccess } from "../../../components/cluster/sources.js";
import { ClusterKeys } from "../../../providers/cluster-keys/resource.js";
import { sealId } from "../../../providers/cluster-keys/seal.js";
import { FlintProvider } from "../../../providers/flint-provider.js";
import { NetbootImage } from "../../../providers/netboot-image/resource.js";
import { inputsSchema as imageSchema } from "../../../providers/netboot-image/schema.js";
import { PxeServer } from "../../../providers/pxe-server/resource.js";
import { inputsSchema as pxeSchema } from "../../../providers/pxe-server/schema.js";

const login = z.object({ host: z.string(), user: z.string(), privateKey: z.string(), hostKeys: z.array(z.string()) });
const access = login.extend({ jump: login.optional() });

/** What a rack without machines has: by cluster, its host, what that serves, and its images. */
export const racksSchema = z.record(
  z.string(),
  z.object({
    access,
    prepare: z.boolean(),
    server: pxeSchema.omit({ cluster: true, host: true, self: true }),
    images: z.array(imageSchema.pick({ profile: true, source: true })),
  }),
);
export type Racks = z.input<typeof racksSchema>;

/** Declares what `ClusterComponent` declares before the first machine, of each rack in the file. */
export function declareRacks(file: string): void {
  const racks = racksSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  for (const [cluster, rack] of Object.entries(racks)) {
    const { jump, ...own } = rack.access;
    const host: HostAccess = { ...own, port: 22, ...(jump === undefined ? {} : { jump: { ...jump, port: 22 } }) };
    const target = pulumi.secret(hostTarget(host));
    const provider = new FlintProvider(`${cluster}-provider`, {
      host: target,
      loginKey: { privateKey: "", publicKey: "" },
      bmcDefaults: {},
      ca: "",
      clientCert: "",
      clientKey: "",
      caKey: "",
    });
    const dependsOn = rack.prepare ? [prepareHost(`${cluster}-provisioning-host`, cluster, host, {})] : [];
    const sealedBy = sealId(rack.access.privateKey);
    new ClusterKeys(`${cluster}-keys`, { cluster, sealedBy }, { provider, dependsOn });
    new PxeServer(
      `${cluster}-pxe`,
      { cluster, host: target, gateway: undefined, ...rack.server },
      { provider, dependsOn },
    );
    for (const { profile, source } of rack.images) {
      const { httpUrl } = rack.server;
      new NetbootImage(
        `${cluster}-image-${profile}`,
        { cluster, profile, host: target, source, httpUrl, deadlines: undefined },
        { provider, dependsOn },
      );
    }
  }
}
