import assert from "node:assert/strict";
import fc from "fast-check";
import { majorityOf, type RaftMember, votersAmong } from "../../../../lab/simulated/services/raft/log.js";
import { ModelRack } from "./model-rack.js";

const NODES = [1, 2, 3, 4, 5];

type Command =
  | { do: "start" | "stop" | "wipe" | "cut" | "mend" | "add" | "remove" | "transfer" | "put"; node: number }
  | { do: "pass"; milliseconds: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    do: fc.constantFrom("start", "start", "stop", "wipe", "cut", "mend", "add", "remove", "transfer", "put", "put"),
    node: fc.constantFrom(...NODES),
  }),
  fc.record({ do: fc.constant("pass" as const), milliseconds: fc.integer({ min: 0, max: 9_000 }) }),
  fc.record({ do: fc.constant("pass" as const), milliseconds: fc.integer({ min: 0, max: 300 }) }),
);

/** A member that was added hears of it from one that follows a leader of before. */
const FOUND_ONCE: [string, Command[]] = [
  "",
  [
    { do: "add", node: 5 },
    { do: "wipe", node: 1 },
    { do: "cut", node: 2 },
    { do: "start", node: 1 },
    { do: "put", node: 3 },
    { do: "pass", milliseconds: 3_166 },
  ],
];

/** A rack that is treated at random, and what it has promised. */
class Story {
  readonly written: string[] = [];
  private keys = 0;

  constructor(readonly rack: ModelRack) {
    rack.patience = 0;
  }

  /** Never waits for an answer, so that things happen in the middle of others. */
  async perform(step: Command): Promise<void> {
    const { rack } = this;
    if (step.do === "pass") return rack.clock.pass(step.milliseconds);
    const { node } = step;
    if (step.do === "start") rack.start(node);
    if (step.do === "stop") rack.stop(node);
    if (step.do === "wipe" && this.mayWipe(node)) rack.wipe(node);
    if (step.do === "cut") rack.link(node, false);
    if (step.do === "mend") rack.link(node, true);
    if (step.do === "add") await rack.add(node);
    if (step.do === "remove") await rack.remove(node);
    if (step.do === "transfer") await rack.transfer(node);
    if (step.do === "put" && rack.isOn(node)) this.put(node);
    await rack.clock.pass(0);
  }

  private put(node: number): void {
    const key = `key${++this.keys}`;
    const change = { kind: "put", key, value: Buffer.from(key) } as const;
    void this.rack.group.propose(this.rack.at(node), change).then((refused) => {
      if (refused === undefined) this.written.push(key);
    });
  }

  /** With two initial members that lost their data, these would begin anew: that is another story. */
  private mayWipe(node: number): boolean {
    const blank = [1, 2, 3].filter((n) => n !== node && this.rack.disk(n).raftId === undefined);
    return node > 3 || blank.length === 0;
  }

  /** By every list of members that anyone may go by, a majority still has its data. */
  get canGoOn(): boolean {
    const disks = NODES.map((n) => this.rack.disk(n));
    const lists = disks.flatMap(({ log }) => (log.length > 0 ? [log.at(-1)?.members ?? []] : []));
    lists.push(this.rack.group.record.lastCommitted(1)?.members ?? []);
    const has = ({ raftId }: RaftMember) => disks.some((disk) => disk.raftId === raftId && disk.log.length > 0);
    return lists.every((list) => {
      const voters = votersAmong(list);
      return voters.filter(has).length >= majorityOf(voters.length);
    });
  }
}

describe("simulated raft group, treated at random", function () {
  this.timeout(120_000);

  it("never has two leaders in a term, never commits without a majority, and loses nothing that it acknowledged", async () => {
    let ended = 0;
    let elections = 0;
    let changes = 0;
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.array(command, { minLength: 10, maxLength: 60 }), async (seed, commands) => {
        const story = new Story(await ModelRack.formed(seed));
        const { rack } = story;
        for (const step of commands) {
          await story.perform(step);
          assert.deepEqual(rack.group.violations, []);
        }
        rack.patience = 30_000;
        const goesOn = story.canGoOn;
        rack.start(...NODES);
        for (const node of NODES) rack.link(node, true);
        await rack.clock.pass(60_000);
        assert.deepEqual(rack.group.violations, []);
        const { record } = rack.group;
        assert.equal(record.foundings.length, 1);
        assert.equal(new Set(record.elections.map(({ term }) => term)).size, record.elections.length);
        elections += record.elections.length;
        changes += record.adds.length + record.removes.length + record.promotions.length;
        const { leader } = rack;
        if (goesOn) assert.ok(leader !== undefined, "a majority has its data and runs, and nobody leads");
        if (leader === undefined) return;
        ended++;
        for (const key of story.written) assert.equal(await rack.read(Number(leader.id.slice(-1)), key), key);
      }),
      { numRuns: Number(process.env.FLINT_RUNS ?? 600), examples: [FOUND_ONCE] },
    );
    assert.ok(
      ended > 0 && elections > 600 && changes > 100,
      `${ended} ended, ${elections} elections, ${changes} changes`,
    );
  });
});
