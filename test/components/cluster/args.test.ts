import assert from "node:assert/strict";
import type * as args from "../../../components/cluster/args.js";
import type { Cluster, Node } from "../../../components/cluster/schema.js";

/** True only for two types that are each other's. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type Keys<T> = keyof NonNullable<T>;

describe("the documented arguments", () => {
  it("have the same keys as the schema that checks them", () => {
    // The compiler is the judge: a key that only one of the two knows makes `true` unassignable.
    const same: [
      Same<Keys<args.ClusterArgs>, Keys<Cluster>>,
      Same<Keys<args.NodeArgs>, Keys<Node>>,
      Same<Keys<args.PxeArgs>, Keys<Cluster["pxe"]>>,
      Same<Keys<args.SshHostArgs>, Keys<Exclude<Cluster["pxe"]["host"], { local: true }>>>,
      Same<args.LocalHostArgs, Extract<Cluster["pxe"]["host"], { local: true }>>,
      Same<Keys<args.DhcpArgs>, Keys<Cluster["pxe"]["dhcp"]>>,
      Same<Keys<args.ProvisioningNetworkArgs>, Keys<Cluster["networks"]["provisioning"]>>,
      Same<Keys<args.ClusterNetworkArgs>, Keys<Cluster["networks"]["cluster"]>>,
      Same<Keys<args.BondArgs>, Keys<Node["bond"]>>,
      Same<NonNullable<args.BondArgs["mode"]>, NonNullable<Node["bond"]>["mode"]>,
      Same<Keys<args.BmcDefaultsArgs>, Keys<Cluster["bmc"]>>,
      Same<
        Keys<args.RedfishBmcArgs> | Keys<args.IpmiBmcArgs> | Keys<args.WakeOnLanBmcArgs> | Keys<args.ManualBmcArgs>,
        Keys<Node["bmc"]>
      >,
      Same<Keys<args.DiskArgs>, Keys<Node["disk"]>>,
      Same<Keys<args.DeadlinesArgs>, Keys<Cluster["deadlines"]>>,
      Same<Keys<args.ServicesArgs>, Keys<Cluster["services"]>>,
      Same<Keys<args.HooksArgs>, Keys<Cluster["hooks"]>>,
      Same<args.Profile, Node["profile"]>,
    ] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];
    assert.equal(same.every(Boolean), true);
  });
});
