import { execFileSync } from "node:child_process";
import { existsSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { waitUntil } from "../../../foundation/wait.js";
import { ownOctets } from "../../loopback.js";
import { call } from "./api.js";
import { CertifiedCluster } from "./certified-cluster.js";
import { LoopbackNode, type Service } from "./loopback-node.js";

/** The checkout: compiled tests run in dist/. */
export const checkout = resolve(__dirname, "../../../..");
export const script = (name: string): string => join(checkout, "nix/scripts", `${name}.sh`);

interface MemberRow {
  id: string;
  raft_addr: string;
  role: string;
  healthy: boolean;
  match_index?: number;
}
export interface MembersAnswer {
  leader?: string;
  term: number;
  commit_index: number;
  members: MemberRow[];
}

/** Nodes of one cluster on addresses 127.x.y.1, .2, … with real services, real etcd and real TLS. */
export class LoopbackCluster extends CertifiedCluster {
  readonly program = join(this.directory, "lab-service");
  readonly nodes: LoopbackNode[] = [];
  // Two test runs side by side keep apart.
  private readonly net = `127.${ownOctets(1)}`;

  constructor(algorithm: "ec" | "rsa" = "ec") {
    // In memory where there is such a place: a slow disk's fsync would make etcd elect new leaders in the middle of a test.
    super(join(hasRoom("/dev/shm") ? "/dev/shm" : tmpdir(), "flint-services-"), algorithm);
    execFileSync(join(checkout, "lab/services/build"), [this.program], { stdio: ["ignore", "ignore", "inherit"] });
  }

  /** A node with its files; not started. */
  node(id: string, algorithm: "ec" | "rsa" = "ec"): LoopbackNode {
    const address = `${this.net}.${this.nodes.length + 1}`;
    const node = new LoopbackNode(id, address, join(this.directory, id), this.program);
    this.authority.issue(node.tls, id, [id, `${id}.test`, "localhost"], [address, "127.0.0.1"], algorithm);
    this.nodes.push(node);
    return node;
  }

  async members(node: LoopbackNode, service: Service = "chainfire"): Promise<MembersAnswer> {
    return (await this.ask(node, service, "GET", "/admin/cluster/members")).json;
  }

  async leader(service: Service = "chainfire"): Promise<LoopbackNode> {
    for (const node of this.nodes) {
      const answer = await this.ask(node, service, "GET", "/admin/cluster/members").catch(() => undefined);
      const leader = this.nodes.find(({ id }) => id === answer?.json?.leader);
      if (leader) return leader;
    }
    throw new Error(`${service} has no leader`);
  }

  /** Waits until a node's health is as given: "200 follower", "503 removed", … */
  async health(node: LoopbackNode, service: Service, wanted: string, deadlineMs = 45_000): Promise<void> {
    let seen = "";
    await waitUntil(
      async () => {
        const answer = await call(node.tls, "GET", `${node.url(service)}/health`, undefined, true).catch(
          () => undefined,
        );
        const { status, state } = answer?.json ?? {};
        seen = answer === undefined ? "no answer" : `${answer.status} ${state ?? status}`;
        return new RegExp(`^${wanted}$`).test(seen);
      },
      {
        reason: `${service} of ${node.id} as ${wanted}`,
        deadlineMs,
        intervalMs: 100,
        lastSeen: () => `${seen}\n${node.log(service).slice(-2000)}`,
        remedy: "See its log.",
      },
    );
  }

  async destroy(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop("SIGKILL")));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Each etcd takes 64 MB for its log at once; two test files side by side have more than a dozen. */
function hasRoom(place: string): boolean {
  if (!existsSync(place)) return false;
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize > 2 * 2 ** 30;
}
