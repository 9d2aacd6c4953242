import type { Behaviour } from "../../drivers/raft/fake-cluster.js";

/** A service with these voters, of whom node03 is down. */
export function serving(voters: string[], { leader = "node01", ill = ["node03"] } = {}): Behaviour {
  return ({ path, body }) => {
    if (path === "/health") return { status: 200, body: {} };
    if (path === "/admin/member/remove") {
      const { id } = JSON.parse(body) as { id: string };
      voters.splice(voters.indexOf(id), 1);
      return { status: 200, body: {} };
    }
    const members = voters.map((id) => ({
      ...{ id, raft_addr: `${id}:2380`, role: id === leader ? "leader" : "follower", healthy: !ill.includes(id) },
    }));
    return { status: 200, body: { ...(leader === "" ? {} : { leader }), members } };
  };
}
