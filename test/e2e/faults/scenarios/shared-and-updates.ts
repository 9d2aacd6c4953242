import type { ClusterArgs } from "../../../../components/cluster/args.js";
import { bmc, each, host, machine, type Scenario, when } from "../scenario.js";

const VOTERS = ["node01", "node02", "node03"];

const relabel = (args: ClusterArgs) => {
  for (const node of Object.values(args.nodes)) node.labels = { rack: "b2" };
};

/** What all machines share, and changes of machines that run. */
export const SHARED_AND_UPDATES: readonly Scenario[] = [
  {
    title:
      "a provisioning host whose ssh is gone for a while, which restarts, or whose servers have ended, is overcome",
    machines: 4,
    runs: [
      {
        injections: [
          host({ serversEnd: true }, when("pxe1", "command", "wrote /var/lib/flint/sim/images/worker.json")),
          host({ sshGone: 200_000 }, when("node01", "installer-up")),
          host({ restarts: 300_000 }, when("node02", "installed")),
        ],
        says: [
          "flint-sim-dnsmasq.service and flint-sim-nginx.service did not run on provisioning host: started. See the journal there.",
        ],
      },
    ],
  },
  {
    title: "full disks and builds that fail stop all machines that need them, and each goes on from its installer",
    machines: 3,
    runs: [
      {
        injections: [
          {
            at: when("pxe1", "command", "wrote /var/lib/flint/sim/images/control-plane.json"),
            order: { nix: { buildFails: 9 } },
          },
        ],
        errors: each(
          VOTERS,
          (name) =>
            `${name}, build of its system, flake RACK/flake: expected a successful build but found error: builder for 'simulated.drv' failed. Run the same \`nix build\` by hand to see the whole log. [NIX_BUILD]`,
        ),
      },
      {
        injections: [{ order: { nix: { buildFails: 0, diskFull: 9 } } }],
        errors: each(
          VOTERS,
          (name) =>
            `${name}, build of its system, flake RACK/flake: expected a successful build but found error: writing to file: No space left on device. Free space here, where nix builds (\`nix-collect-garbage\`), then run \`pulumi up\` again. [NIX_BUILD]`,
        ),
      },
      {
        injections: [{ order: { nix: { diskFull: 0 }, host: { diskFull: true } } }],
        errors: each(
          VOTERS,
          (name) =>
            `${name}, installation: provisioning host, writing /var/lib/flint/sim/nodes/${name}/record.json: expected success but found exit code 1: cat: write error: No space left on device. Free space on provisioning host (df -h), then run the update again: it goes on from here. [SSH_COMMAND]`,
        ),
      },
    ],
  },
  {
    title:
      "while running systems are changed, what breaks off on one machine stops that one, and none is installed again",
    machines: 5,
    runs: [
      { injections: [] },
      {
        declare: relabel,
        injections: [
          machine("node02", { sshHalves: 1 }, when("node02", "copied")),
          machine("node03", { sshResets: 2 }, when("node03", "copied")),
          machine("node04", { copyBreaks: 1 }),
          bmc("node05", { bmcFreezes: true }),
        ],
        errors: {
          node04:
            "node04, switch to another system: expected the system STORE-nixos-system-node04 to arrive but found exit code 1: error: unexpected end-of-file while copying to 'ssh://root@10.77.1.5'. Check the space on the machine's disk and its ssh, then run `pulumi up` again: only what is missing is sent. [NIX_COPY]",
        },
      },
    ],
  },
];
