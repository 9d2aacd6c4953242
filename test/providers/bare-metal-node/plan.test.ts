import assert from "node:assert/strict";
import { planNode, type Seen, type Wish } from "../../../providers/bare-metal-node/plan.js";
import { blank, done, MARK, OLDER_MARK, OTHER_MARK, planned, running, SERVES, wish } from "./sight.js";

const INSTALL = [
  "install: the disk is the declared one and may be written",
  "register-disk: from now on it boots from its disk",
  "leave-installer: the system is on the disk",
  "await-system: it starts from its disk",
];

describe("BareMetalNode: what is done with a machine, from what was seen of it", () => {
  const situations: { title: string; seen: Partial<Seen>; from?: Seen; want?: Wish; steps: string[] }[] = [
    {
      title: "never seen and off: registered, booted, accepted, installed",
      seen: {},
      steps: [
        "register-install: nothing is known of this machine",
        "boot-installer: it is off",
        "accept-disk: the installer is up",
        ...INSTALL,
      ],
    },
    {
      title: "never seen and on: the same, from a power cycle",
      seen: { power: "on" },
      steps: [
        "register-install: nothing is known of this machine",
        "boot-installer: it is on, but not in the installer",
        "accept-disk: the installer is up",
        ...INSTALL,
      ],
    },
    {
      title: "a closed ssh port is no answer: it is booted",
      seen: { power: "on", system: { state: "refused" } },
      steps: [
        "register-install: nothing is known of this machine",
        "boot-installer: it is on, but not in the installer",
        "accept-disk: the installer is up",
        ...INSTALL,
      ],
    },
    {
      title: "killed while the machine booted: a new attempt",
      seen: { record: { phase: "booting", mark: MARK }, bootScript: "install", power: "on" },
      steps: [
        "register-install: an earlier attempt did not finish",
        "boot-installer: it is on, but not in the installer",
        "accept-disk: the installer is up",
        ...INSTALL,
      ],
    },
    {
      title: "killed with the installer up: it goes on there, without another boot",
      seen: {
        record: { phase: "booting", mark: MARK },
        bootScript: "install",
        power: "on",
        installer: "running",
        system: { state: "stranger" },
      },
      steps: ["accept-disk: the installer of an earlier attempt is up", ...INSTALL],
    },
    {
      title: "killed while it was installed: it is installed again, after the disk was accepted again",
      seen: { record: { phase: "installing", mark: MARK }, power: "on", installer: "running" },
      steps: ["accept-disk: the installer of an earlier attempt is up", ...INSTALL],
    },
    {
      title: "killed after the installation, before the boot script was changed: only what is missing",
      seen: { record: { phase: "installed", mark: MARK }, power: "on", installer: "running", bootScript: "install" },
      steps: [
        "register-disk: it is installed",
        "leave-installer: it is installed, and still in the installer",
        "await-system: it starts from its disk",
      ],
    },
    {
      title: "killed after the boot script was changed: it leaves the installer",
      seen: { record: { phase: "installed", mark: MARK }, power: "on", installer: "running", bootScript: "disk" },
      steps: ["leave-installer: it is installed, and still in the installer", "await-system: it starts from its disk"],
    },
    {
      title: "the installer of an older mark is up: the disk is judged again",
      seen: { record: { phase: "installed", mark: OTHER_MARK }, power: "on", installer: "running" },
      steps: ["accept-disk: the installer of an earlier attempt is up", ...INSTALL],
    },
    {
      title: "installed and starting: it is waited for",
      seen: { record: { phase: "installed", mark: MARK } },
      from: done,
      steps: ["await-system: it is installed; it may be starting"],
    },
    {
      title: "finished and silent: it is waited for, not restarted",
      seen: {},
      from: done,
      steps: ["await-system: it is installed; it may be starting"],
    },
    {
      title: "finished and switched off: switched on",
      seen: { power: "off" },
      from: done,
      steps: ["power-on: it is installed and switched off", "await-system: it is installed; it may be starting"],
    },
    {
      title: "finished, silent and without a BMC that would see its power: asked to come on",
      seen: { power: "unknown" },
      from: done,
      steps: [
        "power-on: it is installed and silent; it may be switched off",
        "await-system: it is installed; it may be starting",
      ],
    },
    {
      title:
        "finished by itself after a killed run, with a boot source that lasts: that is taken back before it is switched on",
      seen: { record: { phase: "installed", mark: MARK, lasting: true }, power: "off" },
      from: done,
      steps: [
        "end-override: it still starts from the network first, as the run that installed it had it",
        "power-on: it is installed and switched off",
        "await-system: it is installed; it may be starting",
      ],
    },
    {
      title: "running, with a boot source that lasts: that is taken back",
      seen: { system: running(), record: { phase: "ready", mark: MARK, lasting: true } },
      from: done,
      steps: ["end-override: it still starts from the network first, as the run that installed it had it"],
    },
    {
      title: "finished, but its boot script is lost: written again, so that it cannot boot into an installer",
      seen: { bootScript: "none", power: "off" },
      from: done,
      steps: [
        "register-disk: it is installed",
        "power-on: it is installed and switched off",
        "await-system: it is installed; it may be starting",
      ],
    },
    {
      title: "finished as a lower generation and switched off: installed anew, if the disk allows it",
      seen: { record: { phase: "ready", mark: OLDER_MARK }, power: "off" },
      from: done,
      steps: [
        "register-install: another installation is recorded for it",
        "boot-installer: it is off",
        "accept-disk: the installer is up",
        ...INSTALL,
      ],
    },
    {
      title: "finished, its ssh down and its services up: it is waited for",
      seen: { system: { state: "refused" }, serves: SERVES },
      from: done,
      steps: ["await-system: it is installed; it may be starting"],
    },
    { title: "running as declared: nothing", seen: { system: running() }, from: done, steps: [] },
    {
      title: "running, and the declared system not known yet: nothing is switched",
      seen: { system: running({ toplevel: "/nix/store/any" }) },
      from: done,
      steps: [],
    },
    {
      title: "running another system: switched, and restarted if the kernel changed",
      seen: { system: running() },
      from: done,
      want: { ...wish, toplevel: "/nix/store/new" },
      steps: ["switch: another system is declared", "reboot: if kernel or its parameters changed"],
    },
    {
      title: "switched earlier, but not restarted: restarted",
      seen: { system: running({ rebootNeeded: true }) },
      from: done,
      want: { ...wish, toplevel: "/nix/store/old" },
      steps: ["reboot: if kernel or its parameters changed"],
    },
    {
      title: "running, its certificates replaced by a run that was killed before its services were restarted: they are",
      seen: { system: running({ unread: true }) },
      from: done,
      want: { ...wish, toplevel: "/nix/store/old" },
      steps: ["write-material: its services run with secrets of before"],
    },
    {
      title: "running with old certificates: they are replaced first",
      seen: { system: running({ staleMaterial: ["/etc/nixos/secrets/node.crt"] }) },
      from: done,
      want: { ...wish, toplevel: "/nix/store/new" },
      steps: [
        "write-material: secrets changed",
        "switch: another system is declared",
        "reboot: if kernel or its parameters changed",
      ],
    },
    {
      title:
        "let go for a raised generation, and back with its old system before its disk was laid out: installed all the same",
      seen: {
        system: running({ mark: OLDER_MARK }),
        record: { phase: "installing", mark: MARK },
        bootScript: "install",
      },
      from: done,
      steps: [
        "register-install: the system that was let go for this installation has started again",
        "boot-installer: it is on, but not in the installer",
        "accept-disk: the installer is up",
        ...INSTALL,
      ],
    },
    {
      title: "running while the provisioning host lost everything: its boot script is written, nothing else",
      seen: { system: running() },
      from: blank,
      steps: ["register-disk: it runs from its disk"],
    },
    {
      title: "running, and declared to come back to its disk another way: its boot script is written, nothing else",
      seen: { system: running(), bootScript: "other-disk" },
      from: done,
      steps: ["register-disk: another way back to its disk is declared"],
    },
  ];
  for (const { title, seen, from, want, steps } of situations) {
    it(title, () => assert.deepEqual(planned(seen, from, want), steps));
  }

  it("names the secrets to write", () => {
    const paths = ["/etc/nixos/secrets/node.key", "/etc/nixos/secrets/ca.crt"];
    const [step] = planNode(wish, { ...done, system: running({ staleMaterial: paths }) });
    assert.deepEqual(step, { do: "write-material", reason: "secrets changed", paths });
  });
});
