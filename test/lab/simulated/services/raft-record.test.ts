import assert from "node:assert/strict";
import type { Entry, RaftMember } from "../../../../lab/simulated/services/raft/log.js";
import { GroupRecord } from "../../../../lab/simulated/services/raft/record.js";
import { ModelRack } from "./model-rack.js";

const member = (id: string, more: Partial<RaftMember> = {}): RaftMember => ({
  ...{ raftId: `${id}-1`, id, raftAddr: `${id}:2380`, voter: true, started: true },
  ...more,
});
const entry = (index: number, members: readonly RaftMember[]): Entry => ({
  ...{ index, term: 1, change: { kind: "members" }, members },
});

describe("what a simulated raft group's record holds for impossible", () => {
  const [a, b, c] = [member("node01"), member("node02"), member("node03")] as const;
  const ids = (members: readonly RaftMember[]) => members.map(({ raftId }) => raftId);
  let record: GroupRecord;
  let told: unknown[];
  beforeEach(() => {
    told = [];
    record = new GroupRecord((event) => told.push(event));
  });
  const commit = (index: number, members: readonly RaftMember[], rule = members, holders = ids(members)) => {
    const committed = entry(index, members);
    record.commit(0, 1, committed, holders, rule);
    return committed;
  };

  it("a member that votes twice in a term", () => {
    record.voted(a, 3, "node02-1");
    record.voted(a, 3, "node02-1");
    record.voted(a, 4, "node03-1");
    assert.deepEqual(record.violations, []);
    record.voted(a, 3, "node03-1");
    assert.deepEqual(record.violations, ["node01 voted twice in term 3"]);
    assert.deepEqual(told, [{ event: "violation", what: "node01 voted twice in term 3" }]);
  });

  it("two leaders in a term, and a leader in an earlier one", () => {
    record.elected({ at: 0, term: 2, ...pick(a) }, 1, []);
    record.elected({ at: 1, term: 2, ...pick(b) }, 1, []);
    assert.deepEqual(record.violations, ["node02 leads in term 2, and node01 led in term 2 before"]);
  });

  it("a leader that lacks what was committed", () => {
    commit(1, [a, b, c]);
    record.elected({ at: 0, term: 2, ...pick(b) }, 1, []);
    assert.deepEqual(record.violations, ["node02 leads without the committed entry 1"]);
  });

  it("two entries at one index, and an entry without a majority", () => {
    commit(1, [a, b, c]);
    commit(1, [a, b, c]);
    commit(2, [a, b, c], [a, b, c], ["node01-1"]);
    assert.deepEqual(record.violations, [
      "two entries are committed at index 1",
      "entry 2 is committed without a majority",
    ]);
  });

  it("a machine that is added twice, under whatever raft id", () => {
    commit(1, [a, b]);
    commit(2, [a, b, c]);
    assert.deepEqual(record.violations, []);
    commit(3, [a, b, c, member("node03", { raftId: "node03-2" })]);
    assert.deepEqual(record.violations, ["node03 is a member twice"]);
  });

  it("two changes of members at once, and the removal of the last voter", () => {
    commit(1, [a, b, c]);
    commit(2, [a]);
    commit(3, []);
    assert.deepEqual(record.violations, [
      "two changes of members in one entry",
      "entry 3 is committed without a majority",
      "the last voter was removed",
    ]);
  });

  it("a member that the others count on is known by its data until it is removed", async () => {
    const rack = await ModelRack.formed();
    const { data } = rack.at(2);
    assert.equal(rack.group.countsOn(data), true);
    rack.stop(2);
    assert.equal(rack.group.countsOn(data), true, "whether it runs or not");
    rack.start(2);
    await rack.clock.pass(10_000);
    assert.equal((await rack.remove(2))?.status, 200);
    await rack.clock.pass(10_000);
    assert.equal(rack.group.countsOn(data), false);
    const other = rack.at(1).data;
    assert.equal(rack.group.countsOn(other), true);
    rack.stop(2, 3);
    assert.equal(rack.group.countsOn(other), false, "nobody is left to count on it");
  });
});

const pick = ({ id, raftId }: RaftMember) => ({ id, raftId });
