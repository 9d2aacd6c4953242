// limit: 2200 s
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../nix-evaluation.js";
import { prepareTrialMachine, TrialMachine } from "../trial-machine.js";

/** What is done at each start that gets as far as running something; the loader's disk keeps what is known between them. */
const SCRIPT = `
mkdir -p /boot
mount -t vfat /dev/vda /boot || exit
export PATH=/case/bin:$PATH FLINT_ESP=/boot FLINT_STATE_DIR=/boot/state FLINT_HEALTH=/case/health FLINT_PROFILE=/boot/profile
export FLINT_DEADLINE=3 FLINT_INTERVAL=1
start=$(($(cat /boot/starts 2> /dev/null || echo 0) + 1))
echo "$start" > /boot/starts
trial() { sh /case/boot-trial.sh "$@" 2>&1; }
# As the builder of the loader's entries leaves it when a generation is new, and whether that one will be healthy.
build() { sed -i "s/^default .*/default nixos-generation-$1.conf/" /boot/loader/loader.conf; echo "$2" > /boot/health; trial arm; }
echo "== start $start"
tail -c +5 /sys/firmware/efi/efivars/LoaderEntrySelected-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f | tr -d '\\000'; echo
trial check
case $start in
  1) trial good; build 2 ill; systemctl reboot ;;
  3) cat /boot/state/rolled-back.json; trial good; build 2 healthy; systemctl reboot ;;
  4) trial good; systemctl reboot ;;
  5) build 3 healthy; systemctl reboot ;;
esac
`;
const SYSTEMCTL = `#!/bin/sh
echo "systemctl $*"; sync; umount /boot; busybox reboot -f; sleep 60
`;
const HEALTH = `[ "$(cat /boot/health)" = healthy ] || { echo "chainfire does not answer"; exit 1; }
`;

describe("boot-trial.sh, with UEFI firmware and systemd-boot", function () {
  this.timeout(460_000);
  let output = "";
  /** Lines of that start; the firmware writes to every serial port, too. */
  const at = (start: number) =>
    (output.split(`== start ${start}\n`)[1] ?? "")
      .split("\n== ")[0]
      ?.split("\n")
      .filter((line) => !/BdsDxe|\[2J/.test(line)) ?? [];

  before(async function () {
    this.timeout(1_080_000); // the machine's packages are fetched where they are not there yet
    const made = await prepareTrialMachine();
    const machine = new TrialMachine(made, [], [], 450);
    try {
      const files = {
        run: SCRIPT,
        health: HEALTH,
        "bin/systemctl": SYSTEMCTL,
        "boot-trial.sh": readFileSync(join(CHECKOUT, "nix/scripts/boot-trial.sh"), "utf8"),
      };
      const entry = (number: number) => `nixos-generation-${number}`;
      // The third does not come so far as to run anything: its kernel panics, and restarts.
      ({ output } = await machine.runFromLoader(files, {
        [entry(1)]: "",
        [entry(2)]: "",
        [entry(3)]: "rdinit=/nowhere",
      }));
    } finally {
      machine.remove();
    }
  });

  it("the first system has nothing to go back to; the next one is started once, and the default stays", () => {
    assert.deepEqual(
      at(1),
      [
        "nixos-generation-1.conf",
        "flint-boot: nixos-generation-1.conf is good: it is what this machine starts from now on",
        "flint-boot: the next start tries nixos-generation-2.conf; unless it is healthy, the one after it is nixos-generation-1.conf again",
        "systemctl reboot",
      ],
      output,
    );
  });

  it("one that is not healthy in time restarts, and the loader takes the one before", () => {
    assert.deepEqual(
      at(2),
      [
        "nixos-generation-2.conf",
        "flint-boot: nixos-generation-2.conf is on trial: it has 3 s to be healthy",
        "flint-boot: ROLLBACK: nixos-generation-2.conf is not healthy after 3 s; restarting, for the loader to take the last good entry: chainfire does not answer",
        "systemctl reboot",
      ],
      output,
    );
    assert.deepEqual(at(3).slice(0, 2), [
      "nixos-generation-1.conf",
      "flint-boot: ROLLBACK: nixos-generation-2.conf was tried and did not come up healthy; this is nixos-generation-1.conf again",
    ]);
    assert.match(
      at(3)[2] ?? "",
      /^\{"system":"\/boot\/profile","reason":"nixos-generation-2\.conf was started and did not come up healthy","at":"\d{4}-/,
    );
  });

  it("one that is healthy is what the machine starts from then on", () => {
    assert.deepEqual(
      at(4),
      [
        "nixos-generation-2.conf",
        "flint-boot: nixos-generation-2.conf is on trial: it has 3 s to be healthy",
        "flint-boot: nixos-generation-2.conf is healthy",
        "flint-boot: nixos-generation-2.conf is good: it is what this machine starts from now on",
        "systemctl reboot",
      ],
      output,
    );
    assert.equal(at(5)[0], "nixos-generation-2.conf", output);
  });

  it("one whose kernel panics is not tried again", () => {
    assert.deepEqual(
      at(6),
      [
        "nixos-generation-2.conf",
        "flint-boot: ROLLBACK: nixos-generation-3.conf was tried and did not come up healthy; this is nixos-generation-2.conf again",
        "",
      ],
      output,
    );
  });
});
