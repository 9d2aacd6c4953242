import { Command } from "commander";
import { seconds } from "../../foundation/wait.js";
import { MainJob } from "./main-job.js";
import { renderSight, renderTimelines } from "./report.js";

const VOTERS = ["node01", "node02", "node03"];

async function demo({ full }: { full?: boolean }): Promise<void> {
  const started = performance.now();
  const job = new MainJob(true);
  heading("1. A rack with four machines");
  await job.rackUp();
  heading("2. pulumi up: from bare metal to a running three-node cluster");
  if (job.giveBackLock())
    say("An earlier run was killed and could not give its lock back: it is taken away, and this one goes on.\n");
  const begun = performance.now();
  await job.up();
  const took = performance.now() - begun;
  heading("3. The cluster, asked directly");
  await show(job, VOTERS);
  say(renderTimelines(await job.timelines()));
  say(`\npulumi up took ${seconds(took)}, the demo ${seconds(performance.now() - started)}.`);
  if (full !== true) {
    say(NEXT);
    return;
  }
  await fullTour(job);
  say(`\nEverything is down again, after ${seconds(performance.now() - started)}.`);
}

/** The cluster's tables. @throws when anything is missing from it. */
async function show(job: MainJob, voters: string[]): Promise<void> {
  const sight = await job.wholeSight(voters, (missing) => say(`looking again: ${missing}`));
  say(`${renderSight(sight)}\n`);
}

async function fullTour(job: MainJob): Promise<void> {
  const stackFile = await job.stackFile();
  try {
    heading("4. Again: nothing to do, nothing touched");
    const before = await job.traces();
    await job.preview();
    await job.upWithoutChange();
    const after = await job.traces();
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      throw new Error(`machines were touched: ${JSON.stringify(before)} became ${JSON.stringify(after)}`);
    }
    say("No power call, no boot: the rack's own log counts the same as before.");

    heading("5. A fourth machine: its comment signs are taken away in Pulumi.dev.yaml");
    const machines = await job.witnesses(VOTERS);
    await job.addNode("node04");
    await job.preview();
    await job.up();
    await show(job, [...VOTERS, "node04"]);
    await sameBoots(job, machines, VOTERS);

    heading("6. Another label for node02: switched in place, no reboot, no other machine");
    await job.relabel("node02", "b2");
    await job.preview();
    await job.up();
    await sameBoots(job, machines, VOTERS);

    heading("7. pulumi destroy");
    await job.destroy();
  } finally {
    await job.writeStackFile(stackFile);
  }
  heading("8. The rack goes");
  await job.rackDown();
}

async function sameBoots(job: MainJob, before: Awaited<ReturnType<MainJob["witnesses"]>>, names: string[]) {
  const now = await job.witnesses(names);
  const rebooted = names.filter((name) => now[name]?.bootId !== before[name]?.bootId);
  if (rebooted.length > 0) throw new Error(`rebooted although nothing asked for it: ${rebooted.join(", ")}`);
  say(`${names.join(", ")}: the same boot as before.`);
}

const NEXT = `
The rack stays up. What to try next:
  npm run pulumi -- preview            no change
  uncomment node04 in Pulumi.dev.yaml, then
  npm run pulumi -- preview            node04's resources and nothing else
  npm run pulumi -- up                 installs and joins it
  npm run rack -- ssh node01           logs in; with a command: ssh node01 -- systemctl status chainfire
  npm run rack -- console node01       its serial console; screenshot, power, status too
  npm run rack -- shell                a shell in the rack's network, pulumi on PATH
  npm run pulumi -- destroy            the cluster ends, machines go off, the host is clean
  npm run rack -- down                 removes the rack without a trace`;

const AFTERWARDS = `
The rack stays as it is: npm run demo goes on from there.
  npm run rack -- status               machines, power, what they booted from
  npm run pulumi -- cancel             where the stack is locked and nobody is at work
  npm run rack -- down                 removes the rack, to begin anew`;

function heading(text: string): void {
  say(`\n── ${text} ${"─".repeat(Math.max(0, 76 - text.length))}\n`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

new Command("demo")
  .description("From nothing to a running three-node cluster on a virtual rack.")
  .option("--full", "go on: no-op, a fourth machine, a small change, destroy, and take everything down")
  .action(demo)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(
      `\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n${AFTERWARDS}\n`,
    );
    process.exitCode = 1;
  });
