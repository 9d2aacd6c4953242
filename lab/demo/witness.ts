import { z } from "zod";
import { run } from "./commands.js";

const SECOND = 1000;

/** What a machine says of itself, asked over ssh. */
export interface Witness {
  /** Another one after every boot. */
  bootId: string;
  /** Store path of the running system. */
  toplevel: string;
  /** Logins by ssh since this boot, this very question included. */
  logins: number;
}

const witnessSchema = z.object({
  bootId: z.uuid(),
  toplevel: z.string().startsWith("/"),
  logins: z.number().int().min(1),
});

const QUESTION = [
  "b=$(cat /proc/sys/kernel/random/boot_id) t=$(readlink /run/current-system)",
  "n=$(journalctl -b --no-pager -o cat | grep -c '^Accepted publickey')",
  `printf '{"bootId":"%s","toplevel":"%s","logins":%s}' "$b" "$t" "$n"`,
].join("; ");

/** Asks machines, one login each. */
export async function askMachines(names: readonly string[]): Promise<Record<string, Witness>> {
  const answers: Record<string, Witness> = {};
  for (const name of names) {
    const json = await run("rack", ["ssh", name, "--", QUESTION], { show: false, deadlineMs: 90 * SECOND });
    answers[name] = witnessSchema.parse(JSON.parse(json));
  }
  return answers;
}

/** Where programs keep what they need while they run: changes there leave nothing behind. */
const PASSING = [
  "/proc",
  "/sys",
  "/dev",
  "/run",
  "/var/lib/flint/*/log",
  "/tmp",
  "/var/tmp",
  "/var/log",
  "/var/cache",
  "/var/lib/systemd",
];

/** What the provisioning host holds: every file but logs with mode, owner and time of change; units, ports, users, addresses. */
export async function askHost(rack: string): Promise<string[]> {
  const pruned = PASSING.map((path) => `-path ${path}`).join(" -o ");
  const question = [
    `find / -xdev \\( ${pruned} \\) -prune -o -type d -printf '%y %m %u %p\\n' -o -printf '%y %m %u %p %T@\\n'`,
    "systemctl list-unit-files --no-legend --plain | awk '{print \"unit\", $1, $2}'",
    "ss -Hlntu | awk '{print \"port\", $1, $5}'",
    "sed 's/^/user /' /etc/passwd",
    "ip -o addr | awk '{print \"address\", $2, $4}'",
  ].join("; ");
  const ssh = ["ssh", "-q", "-i", `.rack/${rack}/operator_ed25519`, "-o", "StrictHostKeyChecking=no"];
  const argv = ["exec", "--", ...ssh, "-o", "UserKnownHostsFile=/dev/null", "root@10.0.100.1", question];
  const text = await run("rack", argv, { show: false, deadlineMs: 60 * SECOND });
  return text.split("\n").filter(Boolean).sort();
}
