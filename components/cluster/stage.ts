import * as pulumi from "@pulumi/pulumi";
import { BareMetalNode } from "../../providers/bare-metal-node/resource.js";
import { ChainfireMember } from "../../providers/chainfire-member/resource.js";
import { ClusterHealth } from "../../providers/cluster-health/resource.js";
import { ClusterKeys } from "../../providers/cluster-keys/resource.js";
import { LOCAL_SEAL, sealId } from "../../providers/cluster-keys/seal.js";
import { FlintProvider } from "../../providers/flint-provider.js";
import { NetbootImage } from "../../providers/netboot-image/resource.js";
import { NodeIdentity } from "../../providers/node-identity/resource.js";
import { PxeServer } from "../../providers/pxe-server/resource.js";
import type { Profile } from "./args.js";
import { nodeBmc } from "./bmc-access.js";
import { FirstContact } from "./first-contact.js";
import { nodeHook } from "./hooks.js";
import { hostTarget, prepareHost } from "./host.js";
import { type ClusterPki, clusterPki } from "./pki.js";
import type { ClusterPlan, NodePlan } from "./plan.js";
import { RestoredKeys } from "./restored-keys.js";
import type { Cluster, Node } from "./schema.js";
import type { Secret } from "./source-reader.js";
import type { HostAccess, Sources } from "./sources.js";
import { offerUndeclared } from "./undeclared.js";

/** A configuration with everything that follows from it, ready to be declared. */
export interface Checked {
  cluster: Cluster;
  plan: ClusterPlan;
  sources: Sources;
  warnings: string[];
}

/** The resources of one cluster while they are being declared. */
export class Stage {
  private readonly options: pulumi.CustomResourceOptions;
  private readonly pki: ClusterPki;
  private readonly provider: FlintProvider;
  private readonly target: pulumi.Output<pulumi.Unwrap<ReturnType<typeof hostTarget>>>;
  private readonly prefix: string;
  private readonly prepared: pulumi.Resource[];
  private readonly restored: RestoredKeys;
  private readonly contact = new FirstContact();

  constructor(
    private readonly parent: pulumi.Resource,
    private readonly checked: Checked,
  ) {
    this.options = { parent };
    this.target = pulumi.secret(hostTarget(checked.sources.host));
    this.prefix = checked.cluster.prefix;
    const made = clusterPki(checked.cluster.name, this.prefix, this.options);
    const { ca, caKey, operator, loginKey } = made;
    this.provider = new FlintProvider(
      `${this.prefix}provider`,
      {
        host: this.target,
        loginKey,
        bmcDefaults: checked.sources.bmcDefaults,
        ca,
        clientCert: operator.cert,
        clientKey: operator.key,
        caKey,
      },
      this.options,
    );
    this.prepared = this.prepare(made.first);
    const keys = new ClusterKeys(
      `${this.prefix}keys`,
      {
        cluster: checked.cluster.name,
        sealedBy: sealedBy(checked.sources.host),
      },
      this.flintAfter(...this.prepared),
    );
    this.restored = new RestoredKeys(keys);
    this.pki = this.restored.insteadOf(made);
  }

  /** Whatever the host needs before Flint can use it. */
  private prepare(first: pulumi.Resource): pulumi.Resource[] {
    const { cluster, sources } = this.checked;
    if (!cluster.pxe.prepare) return [];
    // The engine starts one plugin after the other. Everything else waits for the keys' plugin, nothing in a preview for the
    // command's: in this order that one starts while the provider does.
    return [prepareHost(`${this.prefix}provisioning-host`, cluster.name, sources.host, this.after(first))];
  }

  build() {
    const { cluster, plan } = this.checked;
    const { pki } = this;
    const [server, ready] = this.provisioning();
    const hostKeys: [NodePlan, pulumi.Output<string>][] = [];
    const nodes: Record<string, pulumi.Resource[]> = {};
    for (const node of Object.values(plan.nodes)) {
      const identity = this.identity(node);
      hostKeys.push([node, identity.hostKeyPublic]);
      nodes[node.name] = this.machine(node, identity, ready);
    }
    const members = this.members(nodes);
    const health = new ClusterHealth(
      `${this.prefix}health`,
      {
        cluster: cluster.name,
        domain: cluster.domain,
        nodes: plan.health,
        ...this.restored.inputs("clientCert", "clientKey"),
        ca: pki.ca,
        deadlines: { health: cluster.deadlines.health },
      },
      this.flintAfter(...Object.values(nodes).flat(), ...members),
    );
    return { pki, health, hostKeys, server };
  }

  private after(...resources: pulumi.Resource[]): pulumi.CustomResourceOptions {
    return { ...this.options, dependsOn: resources };
  }

  /** Options of Flint's own resources: those that the provider serves. */
  private flintAfter(...resources: pulumi.Resource[]): pulumi.CustomResourceOptions {
    return { ...this.after(...resources), provider: this.provider };
  }

  /** Whatever must stand before a machine can boot: the PXE server and the images. */
  private provisioning(): [PxeServer, Record<Profile | "pxe", pulumi.Resource | undefined>] {
    const { cluster, plan, sources } = this.checked;
    const { pxe, networks } = cluster;
    const server = new PxeServer(
      `${this.prefix}pxe`,
      {
        cluster: cluster.name,
        host: this.target,
        interface: pxe.interface,
        address: plan.address,
        cidr: networks.provisioning.cidr,
        httpUrl: plan.httpUrl,
        dhcp: pxe.dhcp,
        dns: networks.provisioning.dns,
        gateway: networks.provisioning.gateway,
        domain: cluster.domain,
      },
      this.flintAfter(...this.prepared),
    );
    offerUndeclared(server, this.target, cluster);
    const image = (profile: Profile) => {
      if (!plan.profiles.includes(profile)) return undefined;
      const files = sources.images[profile];
      return new NetbootImage(
        `${this.prefix}image-${profile}`,
        {
          cluster: cluster.name,
          profile,
          host: this.target,
          source: files === undefined ? { build: sources.system } : { files },
          httpUrl: plan.httpUrl,
          deadlines: { build: cluster.deadlines.build },
        },
        this.flintAfter(...this.prepared),
      );
    };
    const images = {
      "control-plane": image("control-plane"),
      worker: image("worker"),
      "all-in-one": image("all-in-one"),
    };
    return [server, { pxe: server, ...images }];
  }

  private identity({ name, certificate }: NodePlan): NodeIdentity {
    const { dnsNames, ipAddresses } = certificate;
    return new NodeIdentity(
      `${this.prefix}${name}-identity`,
      { cluster: this.checked.cluster.name, node: name, dnsNames, ipAddresses, ...this.restored.inputs("ca", "caKey") },
      this.flintAfter(),
    );
  }

  /** One machine from power-on to its verified system, with the user's own commands around it. */
  private machine(
    plan: NodePlan,
    identity: NodeIdentity,
    ready: ReturnType<Stage["provisioning"]>[1],
  ): pulumi.Resource[] {
    const { cluster, sources, plan: whole } = this.checked;
    const { name } = plan;
    const node = cluster.nodes[name];
    if (node === undefined) throw new TypeError(`no node ${name}`);
    const hooks = node.hooks ?? cluster.hooks;
    const { build, boot, install, firstBoot } = cluster.deadlines;
    const external = cluster.pxe.dhcp.mode === "external" ? { externalDhcp: true as const } : {};
    // All images, so that all machines begin together: after the first failure the engine begins nothing new.
    const before = Object.values(ready).filter((resource) => resource !== undefined);
    const hook = (kind: "beforeInstall" | "afterInstall", suffix: string, ...after: pulumi.Resource[]) => {
      const declared = hooks[kind];
      if (declared === undefined) return [];
      const own = `${this.prefix}${name}-${suffix}`;
      return [nodeHook(own, declared, cluster.name, plan, sources.host, this.after(...after))];
    };
    const prelude = hook("beforeInstall", "before-install", ...before);
    const machine = new BareMetalNode(
      `${this.prefix}${name}`,
      {
        cluster: cluster.name,
        domain: cluster.domain,
        name,
        profile: node.profile,
        mac: node.mac,
        addresses: node.addresses,
        serial: node.serial,
        uuid: node.uuid,
        firmware: node.firmware,
        networkBoot: node.networkBoot,
        bootFromDisk: node.bootFromDisk,
        pxe: { httpUrl: whole.httpUrl, root: whole.root, ...external },
        image: node.profile,
        ...nodeBmc(sources.bmc[name] ?? { type: "manual" }, sources.bmcDefaults),
        disk: { ...plan.disk, ...consents(node, plan) },
        system: sources.system,
        data: plan.data,
        config: plan.config,
        material: { hostKey: identity.hostKey, key: identity.key, dataKey: secretOrNone(sources.dataKeys[name]) },
        cert: identity.cert,
        hostKeyPublic: identity.hostKeyPublic,
        raft: plan.voter ? plan.endpoints : undefined,
        services: plan.voter ? undefined : { plasmavmc: plan.dependents.plasmavmc },
        deadlines: { build, boot, install, firstBoot },
        installsAtOnce: cluster.installsAtOnce,
        onDelete: node.onDelete,
        ...this.restored.inputs("loginKey", "ca"),
      },
      this.flintAfter(...before, ...prelude),
    );
    this.contact.meet(machine, identity.hostKeyPublic, sources.bmc[name]);
    return [machine, ...hook("afterInstall", "after-install", machine)];
  }

  /** Chainfire before FlareDB on each machine; machines that join wait for those that form the cluster. */
  private members(nodes: Record<string, pulumi.Resource[]>): pulumi.Resource[] {
    const { plan } = this.checked;
    const voters = Object.values(plan.nodes).filter((node) => node.voter);
    const born = voters.filter((node) => node.bootstrap).map((node) => this.voter(node, nodes[node.name] ?? []));
    // FlareDB waits for Chainfire on each of them: who waits for the former need not name the latter.
    const serving = born.map(([, flaredb]) => flaredb);
    const joined = voters
      .filter((node) => !node.bootstrap)
      .map((node) => this.voter(node, [...(nodes[node.name] ?? []), ...serving]));
    return [...born, ...joined].flat();
  }

  /** `after` begins with the member's own machine. */
  private voter(node: NodePlan, after: pulumi.Resource[]): [chainfire: ChainfireMember, flaredb: ChainfireMember] {
    const member = (service: "chainfire" | "flaredb", ...earlier: pulumi.Resource[]) =>
      new ChainfireMember(
        `${this.prefix}${service}-${node.name}`,
        {
          cluster: this.checked.cluster.name,
          service,
          node: node.name,
          raftAddr: node.raftAddress[service],
          bootstrap: node.bootstrap,
          endpoints: node.endpoints[service],
          dependents: service === "flaredb" ? node.dependents : {},
          deadlines: { join: this.checked.cluster.deadlines.join },
          ...this.restored.inputs("ca", "clientCert", "clientKey"),
        },
        {
          ...this.flintAfter(...earlier),
          // With the whole cluster its members just end: leaving it one by one would wait for elections that nobody
          // needs. Another machine in the place of this one is another member: the old one leaves first.
          deletedWith: this.parent,
          replaceWith: after.slice(0, 1),
        },
      );
    const chainfire = member("chainfire", ...after);
    return [chainfire, member("flaredb", chainfire)];
  }
}

/** Consents to wipe are the machine's business, not its system's: they are no part of cluster.json. */
function consents({ disk, generation }: Node, { disk: planned }: NodePlan) {
  const { mirror, data } = planned;
  return {
    generation,
    release: disk.release,
    ...(mirror === undefined ? {} : { mirror: { ...mirror, release: disk.mirror?.release } }),
    ...(data === undefined ? {} : { data: { ...data, release: disk.data?.release } }),
  };
}

/** Names what the keys on the provisioning host are sealed with, and is no secret. */
function sealedBy(host: HostAccess): pulumi.Output<string> {
  return pulumi.unsecret(pulumi.output("local" in host ? LOCAL_SEAL : host.privateKey).apply(sealId));
}

function secretOrNone(secret: Secret | undefined): pulumi.Output<string> | undefined {
  return secret === undefined ? undefined : pulumi.secret(pulumi.output(secret));
}
