import assert from "node:assert/strict";
import { type Facts, START_CAUSES, type StartCause } from "../../../../providers/bare-metal-node/wire/causes.js";
import { diagnoseStart } from "../../../../providers/bare-metal-node/wire/diagnose-start.js";
import { NOTHING_SEEN, type Sightings } from "../../../../providers/bare-metal-node/wire/sightings.js";

const CONSOLE = "Look at the machine's console: ";
const UNWRITTEN = "Its disk is not written again by itself.";

/** What was seen, and what the user reads. A cause without an example does not compile. */
const EXAMPLES: Record<StartCause, [seen: Partial<Sightings>, facts: Facts, found: string, remedy: string][]> = {
  "system-off": [
    [
      {},
      { power: "off" },
      "that its power is off, as its BMC says",
      "See the BMC's event log for why it went off; then run `pulumi up`: it switches an installed machine on.",
    ],
  ],
  "system-silent": [
    [{}, {}, "no answer by ssh at its address", `${CONSOLE}bootloader, kernel or network. ${UNWRITTEN}`],
    [
      {},
      { power: "on", link: "down" },
      "no answer by ssh at its address; its card has no link, as its BMC says",
      "Check the cable of the card with MAC 52:54:00:00:00:01, and its switch port.",
    ],
  ],
  "sent-to-disk": [
    [
      { cause: "no-kernel" },
      { power: "on" },
      "that it started from the network, was sent to its disk, and no system came from there",
      `${CONSOLE}bootloader, or another disk that comes first. ${UNWRITTEN}`,
    ],
  ],
  "other-system": [
    [
      { answer: "stranger" },
      {},
      "another host key at its address: another system has started, or another machine has the address",
      `${CONSOLE}in the BIOS the disk with the installed system must come first. ${UNWRITTEN}`,
    ],
    [
      { cause: "no-ssh", answer: "installer" },
      {},
      "the installer at its address: it started from the network instead of its disk",
      `${CONSOLE}in the BIOS the disk with the installed system must come first. ${UNWRITTEN}`,
    ],
  ],
  "system-login-refused": [
    [
      { answer: "system-refuses" },
      {},
      "the installed system, which refuses the cluster's login key",
      "Restore the stack's state: its key is not the installed one.",
    ],
  ],
};

describe("BareMetalNode: why an installed machine does not answer", () => {
  for (const cause of START_CAUSES)
    for (const [seen, facts, found, remedy] of EXAMPLES[cause])
      it(`${cause}: ${found}`, () =>
        assert.deepEqual(diagnoseStart({ mac: "52:54:00:00:00:01", seen: { ...NOTHING_SEEN, ...seen }, facts }), {
          cause,
          found,
          remedy,
        }));
});
