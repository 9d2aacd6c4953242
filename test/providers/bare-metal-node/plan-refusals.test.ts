import assert from "node:assert/strict";
import type { Seen, Wish } from "../../../providers/bare-metal-node/plan.js";
import { done, MARK, OLDER_MARK, OTHER_MARK, planned, running, SERVES, wish } from "./sight.js";

describe("BareMetalNode: what is done with a machine, from what was seen of it", () => {
  describe("refuses, and changes nothing,", () => {
    const refusals: { title: string; seen: Partial<Seen>; from?: Seen; want?: Wish; message: string }[] = [
      {
        title: "another key for an encrypted data disk than the node has",
        seen: { system: running({ staleMaterial: ["/etc/nixos/secrets/data.key", "/etc/nixos/secrets/ca.crt"] }) },
        message:
          "node01, disk.data.key: expected the key that the data disk was encrypted with, as in /etc/nixos/secrets/data.key " +
          "on the node but found another key in the stack file, or none on the node. Put the old key back, on whichever side " +
          "lacks it; for another key, raise the node's generation: it is installed anew. Nothing was changed. [DISK_KEY]",
      },
      {
        title: "another node of the cluster at the address",
        seen: { system: running({ node: "node02" }) },
        message:
          "node01 at 10.0.100.50: expected node node01 of cluster dev but found node node02 of cluster dev. " +
          "Correct the address in the stack file, or switch that machine off. Nothing was changed. [NODE_OTHER_INSTALLATION]",
      },
      {
        title: "another cluster's node",
        seen: { system: running({ cluster: "prod" }) },
        message:
          "node01 at 10.0.100.50: expected node node01 of cluster dev but found node node01 of cluster prod. " +
          "Correct the address in the stack file, or switch that machine off. Nothing was changed. [NODE_OTHER_INSTALLATION]",
      },
      {
        title: "a system that lets us in but is not Flint's",
        seen: { system: running({ cluster: undefined, node: undefined, mark: undefined }) },
        message:
          "node01 at 10.0.100.50: expected node node01 of cluster dev but found a system that is not Flint's. " +
          "Correct the address in the stack file, or switch that machine off. Nothing was changed. [NODE_OTHER_INSTALLATION]",
      },
      {
        title: "a new generation over a running node",
        seen: { system: running({ mark: OTHER_MARK }) },
        message:
          "node01: expected installation flint-1a2b3c4d but found installation flint-00000000, finished. " +
          "Another firmware or another set of disks takes a new installation: raise the node's generation. If that was raised, switch the machine off and run `pulumi up` again: one that runs is not installed over. Nothing was changed. [NODE_REINSTALL]",
      },
      ...(
        [
          ["that was not let go for it", { phase: "ready", mark: OLDER_MARK }, wish],
          [
            "that a state which knows nothing of it has begun",
            { phase: "installing", mark: MARK },
            { ...wish, unknown: true },
          ],
        ] as const
      ).map(([title, record, want]) => ({
        title: `a raised generation over a running node ${title}`,
        seen: { system: running({ mark: OLDER_MARK }), record },
        want,
        message:
          "node01: expected installation flint-1a2b3c4d but found installation flint-11111111, finished. " +
          "Another firmware or another set of disks takes a new installation: raise the node's generation. If that was raised, switch the machine off and run `pulumi up` again: one that runs is not installed over. Nothing was changed. [NODE_REINSTALL]",
      })),
      {
        title: "a new generation over a finished node that is on and silent",
        seen: { record: { phase: "ready", mark: OTHER_MARK } },
        from: done,
        message:
          "node01: expected installation flint-1a2b3c4d but found installation flint-00000000, finished. " +
          "Another firmware or another set of disks takes a new installation: raise the node's generation. If that was raised, switch the machine off and run `pulumi up` again: one that runs is not installed over. Nothing was changed. [NODE_REINSTALL]",
      },
      {
        title: "another layout over a finished node that is off: nothing is registered for it",
        seen: { record: { phase: "ready", mark: OTHER_MARK }, power: "off" },
        from: done,
        message:
          "node01: expected installation flint-1a2b3c4d but found installation flint-00000000, finished. " +
          "Another firmware or another set of disks takes a new installation: raise the node's generation. If that was raised, switch the machine off and run `pulumi up` again: one that runs is not installed over. Nothing was changed. [NODE_REINSTALL]",
      },
      {
        title: "an update of a finished machine whose record is lost",
        seen: { power: "on" },
        want: { ...wish, installedBefore: true },
        message:
          "node01: expected the system that was installed earlier to answer, or its record but found ssh at 10.0.100.50 is silent, " +
          "power is on, and no record of it is on the provisioning host. " +
          "Switch the machine on and see its console. To install it anew, raise its generation. Nothing was changed. [NODE_REINSTALL]",
      },
      {
        title: "an update of a finished machine that is in an installer",
        seen: { installer: "running", power: "on", record: { phase: "booting", mark: MARK } },
        want: { ...wish, installedBefore: true },
        message:
          "node01: expected the system that was installed earlier to answer, or its record but found ssh at 10.0.100.50 is silent, " +
          "power is on, and its record is an unfinished one. " +
          "Switch the machine on and see its console. To install it anew, raise its generation. Nothing was changed. [NODE_REINSTALL]",
      },
      ...(
        [
          ["a machine that nobody remembers", undefined, "silent", "does not answer"],
          ["one with an attempt on record that explains no service", "installing", "refused", "is refused"],
          ["one in whose place our own installer was expected", "booting", "stranger", "shows another host key"],
        ] as const
      ).map(([title, phase, state, ssh]) => ({
        title: `${title}, whose services answer and whose ssh ${ssh}`,
        seen: {
          system: { state },
          power: "on" as const,
          record: phase && { phase, mark: MARK },
          serves: SERVES,
        },
        want: { ...wish, unknown: true },
        message:
          "node01 at 10.0.100.50: expected its ssh to answer, or nothing at all but found that it lives: " +
          "chainfire at https://10.0.100.50:2379 answers 200, flaredb at https://10.0.100.50:2479 answers nothing within 5 s; " +
          `its ssh ${ssh}. See \`systemctl status sshd\` at its console, mend its ssh, and run \`pulumi up\` again: ` +
          "it is taken over as it runs. To install it anew, switch it off first. Nothing was changed. [NODE_LIVING]",
      })),
      {
        title: "a machine without a BMC that the others still list as healthy",
        seen: { power: "unknown", serves: [{ service: "chainfire", listed: "healthy" }] },
        message:
          "node01 at 10.0.100.50: expected its ssh to answer, or nothing at all but found that it lives: " +
          "the other members of chainfire list it as healthy; its ssh does not answer. " +
          "See `systemctl status sshd` at its console, mend its ssh, and run `pulumi up` again: " +
          "it is taken over as it runs. To install it anew, switch it off first. Nothing was changed. [NODE_LIVING]",
      },
      {
        title: "an update of a finished machine whose record is lost, and whose services answer",
        seen: { power: "on", serves: SERVES },
        want: { ...wish, installedBefore: true },
        message:
          "node01: expected the system that was installed earlier to answer, or its record but found ssh at 10.0.100.50 is silent, " +
          "power is on, and no record of it is on the provisioning host. " +
          "Switch the machine on and see its console. To install it anew, raise its generation. Nothing was changed. [NODE_REINSTALL]",
      },
      {
        title: "a machine whose disk was wiped, and which serves from memory",
        seen: { system: { state: "refused" }, power: "on", record: { phase: "wiped", mark: MARK }, serves: SERVES },
        want: { ...wish, unknown: true },
        message:
          "node01 at 10.0.100.50: expected a system that starts again from its disk but found that its disk was being wiped " +
          "when a run ended before it could switch the machine off. " +
          "Switch it off and run `pulumi up` again: it is installed anew. [NODE_WIPED]",
      },
      ...(["wiping", "wiped"] as const).map((phase) => ({
        title: `a system that answers from memory: its disk is being wiped, or was (${phase})`,
        seen: { system: running(), power: "on" as const, record: { phase, mark: MARK } },
        message:
          "node01 at 10.0.100.50: expected a system that starts again from its disk but found that its disk was being wiped " +
          "when a run ended before it could switch the machine off. " +
          "Raise its generation and run `pulumi up` again: it is let go, and installed anew. [NODE_WIPED]",
      })),
      {
        title: "the same in a new state",
        seen: { system: running(), power: "on", record: { phase: "wiped", mark: MARK } },
        want: { ...wish, unknown: true },
        message:
          "node01 at 10.0.100.50: expected a system that starts again from its disk but found that its disk was being wiped " +
          "when a run ended before it could switch the machine off. " +
          "Switch it off and run `pulumi up` again: it is installed anew. [NODE_WIPED]",
      },
      {
        title: "another operating system",
        seen: { system: { state: "stranger" }, power: "on" },
        message:
          "node01 at 10.0.100.50: expected no answer, or this cluster's own host key but found another operating system answers ssh there. " +
          "If the stack's state and the provisioning host were lost, leave it on and restore the state: it may be this very node. To install it anew, switch it off and run `pulumi up` again: a disk with this installation's mark is formatted then, any other content is refused. [NODE_FOREIGN]",
      },
      {
        title: "the installer of another name, under which its installation was begun",
        seen: { system: { state: "stranger" }, power: "on", bootScript: "install", begunAs: "node09" },
        message:
          "node01 at 10.0.100.50: expected no answer, or this cluster's own host key but found another one: node09's installer, as it seems, " +
          "for the machine's installation was begun as node09. Declare it as node09 again, to go on with that. To install it as node01, " +
          "switch it off and run `pulumi up` again: a disk with this installation's mark is formatted then, any other content is refused. [NODE_FOREIGN]",
      },
      {
        title: "a finished machine that a new state does not know, with other keys than it has now",
        seen: {
          system: { state: "stranger" },
          power: "on",
          record: { phase: "ready", mark: MARK },
          bootScript: "disk",
        },
        want: { ...wish, unknown: true },
        message:
          "node01 at 10.0.100.50: expected this stack's host key but found another one, though this installation is on record as finished: the stack's state was lost. " +
          "Restore the state (`pulumi stack import`). To install the machine anew, raise its generation and switch it off. Nothing was changed. [NODE_KEYS]",
      },
      ...(["installed", "ready"] as const).map((phase) => ({
        title: `another address than the one with which it was ${phase === "ready" ? "made ready" : "installed"}, where it does not answer`,
        seen: { ...done, record: { phase, mark: MARK }, registeredAddress: "10.0.100.99" },
        message:
          "node01, addresses.provisioning: expected 10.0.100.99, with which it was installed but found 10.0.100.50. " +
          "For another address raise the node's generation in the same edit: its members leave, and it is installed anew. Nothing was changed. [NODE_ADDRESS]",
      })),
      {
        title: "a login that is refused",
        seen: { system: { state: "login-refused" }, power: "on" },
        message:
          "node01 at 10.0.100.50: expected to be let in with the cluster's login key but found this node's own host key, but the login was refused. " +
          "The stack's login key is not the installed one: restore the stack's state, or reinstall after releasing the disk. [NODE_LOGIN]",
      },
    ];
    for (const { title, seen, from, want, message } of refusals) {
      it(title, () => assert.throws(() => planned(seen, from, want), { name: "FlintError", message }));
    }
  });
});
