import { FlintError } from "../../foundation/errors.js";
import { type CertificateFault, minuteOf } from "../health/certificate.js";
import type { RaftEndpoints } from "./driver.js";

type Cluster = Pick<RaftEndpoints, "cluster" | "service">;

const subjectOf = ({ cluster, service }: Cluster) => `${service} of cluster ${cluster}`;

export function noMemberAnswers(cluster: Cluster, found: string, cause?: unknown): FlintError {
  return new FlintError("RAFT_UNREACHABLE", {
    subject: subjectOf(cluster),
    expected: "an answer from a member",
    found,
    remedy: `Check that the members are up (systemctl status ${cluster.service}) and that their API port is reachable.`,
    cause,
  });
}

export function lostAnswer(cluster: Cluster, what: string, found: string, cause?: unknown): FlintError {
  return new FlintError("RAFT_ANSWER_LOST", {
    subject: subjectOf(cluster),
    expected: `an answer to ${what}`,
    found,
    remedy: "It may or may not have been done. Run the update again: it looks first.",
    cause,
  });
}

export function badCertificate(
  endpoints: RaftEndpoints,
  url: URL,
  fault: CertificateFault,
  cause?: unknown,
): FlintError {
  const id = Object.keys(endpoints.urls).find((each) => new URL(endpoints.urls[each] ?? "").host === url.host);
  const told = (expected: string, found: string, remedy: string) =>
    new FlintError("RAFT_CERTIFICATE", {
      subject: id === undefined ? subjectOf(endpoints) : `${id}, ${subjectOf(endpoints)}`,
      expected,
      found,
      remedy: `${remedy} Nothing was sent to it.`,
      cause,
    });
  const clock = `(the clock here says ${minuteOf(new Date())})`;
  const renewed =
    `If the clock here is right, run \`pulumi refresh\` and \`pulumi up\`: ` +
    `they put a valid one on ${id ?? url.hostname} and restart its services.`;
  const now = "a certificate that is valid now";
  switch (fault.kind) {
    case "expired":
      return told(now, `one that expired on ${minuteOf(fault.at)} ${clock}`, renewed);
    case "not-yet-valid":
      return told(now, `one that is valid only from ${minuteOf(fault.from)} ${clock}`, renewed);
    case "other":
      return told(
        `a certificate for ${url.host}`,
        `that of ${fault.of}`,
        `Either ${fault.of} has this address, or the machine there has a copy of ${fault.of}'s disk: ` +
          "correct the address, or switch that machine off and install it anew.",
      );
    case "unverified":
      return told(
        `a certificate for ${url.host} signed by the cluster's CA`,
        fault.code,
        "Check the machine's clock and its /etc/nixos/secrets/node.crt.",
      );
    default:
      return fault satisfies never;
  }
}

export function notAllowed(cluster: Cluster, url: string, found: string): FlintError {
  return new FlintError("RAFT_AUTH", {
    subject: subjectOf(cluster),
    expected: `the operator's client certificate to be accepted by ${new URL(url).host}`,
    found,
    remedy: "Check that the members' client-ca.crt is the CA of this stack.",
  });
}

export function refused(cluster: Cluster, what: string, found: string): FlintError {
  return new FlintError("RAFT_REFUSED", {
    subject: subjectOf(cluster),
    expected: `${what} to be accepted`,
    found,
    remedy: `See the leader's journal (journalctl -u ${cluster.service}).`,
  });
}

export function busy(cluster: Cluster, what: string, found: string): FlintError {
  return new FlintError("RAFT_BUSY", {
    subject: subjectOf(cluster),
    expected: `${what} to be accepted`,
    found,
    remedy: "It was not done. The cluster may be electing a leader or changing another member: try again in a moment.",
  });
}

export function unexpectedAnswer(cluster: Cluster, what: string, found: string): FlintError {
  return new FlintError("RAFT_ANSWER", {
    subject: subjectOf(cluster),
    expected: `an answer to ${what} as the API describes it`,
    found,
    remedy: "Check that this port is the service's API, and that its version fits.",
  });
}

export function tooManyRedirects(cluster: Cluster, what: string, hops: readonly string[]): FlintError {
  return new FlintError("RAFT_REDIRECTS", {
    subject: subjectOf(cluster),
    expected: `${what} to reach the leader within ${hops.length - 1} redirects`,
    found: hops.map((url) => new URL(url).host).join(" → "),
    remedy: "The members disagree about the leader. Wait for the election to end, then run the update again.",
  });
}

export function addressConflict(
  cluster: Cluster,
  wanted: { id: string; raft_addr: string },
  found: { id: string; raft_addr: string },
): FlintError {
  const other = found.id === wanted.id ? found.raft_addr : `${found.id} at ${found.raft_addr}`;
  return new FlintError("MEMBER_ADDRESS_CONFLICT", {
    subject: `${wanted.id}, ${subjectOf(cluster)}`,
    expected: `raft address ${wanted.raft_addr}`,
    found: other,
    remedy:
      found.id === wanted.id
        ? `Declare the address that ${wanted.id} has, or remove the member first.`
        : `Two members cannot share an address: correct one, or remove ${found.id} first.`,
  });
}

export function unknownMember(cluster: Cluster, id: string, known: readonly string[]): FlintError {
  return new FlintError("MEMBER_UNKNOWN", {
    subject: `${id}, ${subjectOf(cluster)}`,
    expected: `one of ${known.join(", ")}`,
    found: id,
    remedy: "Name a member whose API address is known.",
  });
}
