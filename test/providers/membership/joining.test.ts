import { check } from "./cases.js";
import { cluster, member, wish } from "./sample.js";

const THREE = "1* 2 3";

describe("membership: who joins", () => {
  const four = { join: [wish("node04")] };
  check([
    {
      title: "a running cluster takes one as a learner, and gives it its vote",
      seen: cluster(THREE),
      want: four,
      steps: ["add node04: it joins the running cluster", "await-vote node04: it votes once it has caught up"],
    },
    {
      title: "three at once join one after another",
      seen: cluster(THREE),
      want: { join: [wish("node04"), wish("node05"), wish("node06")] },
      steps: ["node04", "node05", "node06"].flatMap((id) => [
        `add ${id}: it joins the running cluster`,
        `await-vote ${id}: it votes once it has caught up`,
      ]),
    },
    {
      title: "nobody waits to be asked twice: a voter has nothing to do",
      seen: cluster("1* 2 3 4"),
      want: four,
      steps: [],
    },
    {
      title: "nor has one of whose health nothing is said",
      seen: { ...cluster(THREE), members: [...cluster(THREE).members, member("node04", { healthy: undefined })] },
      want: four,
      steps: [],
    },
    {
      title: "a learner is waited for, and its backlog told",
      seen: cluster(THREE, {
        commit_index: 5000,
        members: [...cluster(THREE).members, member("node04", { role: "learner", match_index: 3800 })],
      }),
      want: four,
      steps: ["await-vote node04: it is catching up as a learner, 1200 entries behind"],
    },
    {
      title: "a voter that is far behind is waited for, too",
      seen: cluster(THREE, {
        commit_index: 5000,
        members: [...cluster(THREE).members, member("node04", { match_index: 3999 })],
      }),
      want: four,
      steps: ["await-vote node04: it votes, but is 1001 entries behind"],
    },
    {
      title: "one that is 1000 entries behind has caught up",
      seen: cluster(THREE, {
        commit_index: 5000,
        members: [...cluster(THREE).members, member("node04", { match_index: 4000 })],
      }),
      want: four,
      steps: [],
    },
    {
      title: "a voter that is not healthy yet is waited for",
      seen: cluster("1* 2 3 4-"),
      want: four,
      steps: ["await-vote node04: it votes, but is not healthy yet"],
    },
    {
      title: "someone else's learner comes first: one change at a time",
      seen: cluster("1* 2 3 5l"),
      want: four,
      steps: [
        "await-vote node05: one change at a time: node05 is still a learner, and node04 comes after it",
        "add node04: it joins the running cluster",
        "await-vote node04: it votes once it has caught up",
      ],
    },
    {
      title: "a bootstrap member that came too late",
      seen: cluster("1* 2"),
      want: { join: [wish("node03", { bootstrap: true })] },
      steps: ["add node03: the cluster formed without it", "await-vote node03: it votes once it has caught up"],
    },
    {
      title: "one that was removed behind our back is added again, whatever its own marker says",
      seen: cluster("1* 2"),
      services: { node03: "removed" },
      want: { join: [wish("node03", { bootstrap: true })] },
      steps: ["add node03: the cluster removed it", "await-vote node03: it votes once it has caught up"],
    },
    {
      title: "one that runs but is no member",
      seen: cluster(THREE),
      services: { node04: "waiting" },
      want: four,
      steps: ["add node04: it joins the running cluster", "await-vote node04: it votes once it has caught up"],
    },
    {
      title: "one that does not answer is waited for first",
      seen: cluster(THREE),
      services: { node04: "silent" },
      want: four,
      steps: [
        "await-service node04: its service does not answer",
        "add node04: it joins the running cluster",
        "await-vote node04: it votes once it has caught up",
      ],
    },
    { title: "nobody answers", want: four, steps: ["await-leader: no leader yet"] },
    {
      title: "a cluster that forms: who answers so far",
      services: { node01: "no-leader", node02: "silent", node03: "silent" },
      want: { join: [wish("node01", { bootstrap: true })] },
      steps: ["await-leader: no leader yet: 1 of 3 members answer (node01)"],
    },
    {
      title: "members without a leader",
      seen: cluster("1 2 3"),
      services: { node01: "no-leader", node02: "no-leader" },
      want: four,
      steps: ["await-leader: no leader yet"],
    },
  ]);
});
