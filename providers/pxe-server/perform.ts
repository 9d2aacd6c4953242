import type { SshSession } from "../../drivers/ssh/target.js";
import { FlintError } from "../../foundation/errors.js";
import { directories, duePath, type Step } from "./plan.js";
import { unitName } from "./render/unit.js";
import { type PxeInputs, rootOf } from "./schema.js";

/** A new file waits under this name until everything that is new was tested. */
const NEXT = ".next";

/** Tests the new configurations, which nothing uses yet. Prints the complaint of the first that fails and ends with 3. */
export const TEST = `export PATH="$PATH:/usr/sbin:/sbin"
root=$1
if [ -e "$root/dnsmasq/dnsmasq.conf.next" ]; then
  dnsmasq --test --conf-file="$root/dnsmasq/dnsmasq.conf.next" 2>&1 >/dev/null || exit 3
fi
if [ -e "$root/nginx/nginx.conf.next" ]; then
  nginx -t -q -c "$root/nginx/nginx.conf.next" 2>&1 || exit 3
fi
`;

/**
 * `$1` the note of what is due, `$2` its text, `$3` number of files to put in place, then those, then pairs "action unit". Ends with
 * 3 when a unit fails. The note is there from before the first file is in place until all is done: a file that is as it should
 * be says nothing of whether the service that runs has read it.
 */
export const ACTIVATE = `set -eu
export PATH="$PATH:/usr/sbin:/sbin"
due=$1; text=$2; count=$3; shift 3
units=no
[ ! -e "$due" ] || units=yes # systemd may not know the new units yet either
if [ -n "$text" ]; then
  printf '%s\\n' "$text" > "$due.next"
  mv -f "$due.next" "$due"
fi
while [ "$count" -gt 0 ]; do
  chmod 0644 "$1.next"
  mv -f "$1.next" "$1"
  case $1 in /etc/systemd/*) units=yes ;; esac
  count=$((count - 1)); shift
done
[ "$units" = no ] || systemctl daemon-reload
# systemctl enables only what is below /etc/systemd/system; the other directory is read for the same links.
act() {
  other=/etc/systemd/system.attached
  if [ "$1" != enable ] || [ ! -e "$other/$2" ]; then systemctl --quiet "$1" "$2"; return; fi
  mkdir -p "$other/multi-user.target.wants"
  ln -sf "../$2" "$other/multi-user.target.wants/$2"
  systemctl daemon-reload
}
while [ $# -gt 0 ]; do
  since=$(date +%s)
  if ! message=$(act "$1" "$2" 2>&1); then
    lines=$(journalctl --quiet --no-pager --output=cat --since="@$since" --unit="$2" 2>/dev/null | grep -v -e '^Start' -e '^Stop' -e systemctl | tail -n 3)
    echo "$1 of $2: \${lines:-$message}"
    exit 3
  fi
  shift 2
done
rm -f "$due"
`;

/**
 * `$1` dnsmasq's directory of known machines: takes the tag out of entries that older releases wrote, with which dnsmasq aborts on
 * its next reload (`renderDhcpHost` says why). Only before it is started anew.
 */
export const WITHOUT_TAGS = `set -eu
for entry in "$1"/*; do
  if [ -f "$entry" ] && grep -q ',set:flint,' "$entry"; then sed -i 's/,set:flint,/,/' "$entry"; fi
done
`;

/** Copies the first of each pair of files to beside the second, where it waits to be put in place. */
export const COPY = `set -eu
while [ $# -gt 0 ]; do
  cp -L -- "$1" "$2.next"
  shift 2
done
`;

/** Carries out a plan: uploads beside what runs, tests, then puts everything in place at once and tells the services. */
export async function perform(
  host: SshSession,
  want: PxeInputs,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<void> {
  const root = rootOf(want.cluster);
  await host.exec(["mkdir", "-p", "-m", "0755", ...directories(want.cluster)], { signal });
  const written = steps.filter((step) => step.kind === "write");
  const copied = steps.filter((step) => step.kind === "copy");
  const paths = [...written.map(({ file }) => file.path), ...copied.map(({ to }) => to)];
  await Promise.all([
    ...written.map(({ file }) => host.writeFile(`${file.path}${NEXT}`, file.text, 0o644)),
    host.script(
      COPY,
      copied.flatMap(({ from, to }) => [from, to]),
      { signal, label: "copying iPXE's boot files" },
    ),
  ]);
  const tested = await host.script(TEST, [root], { signal, okCodes: [3], label: "test of the configuration" });
  if (tested.code === 3) {
    await host.exec(["rm", "-f", ...paths.map((path) => `${path}${NEXT}`)]);
    throw new FlintError("PXE_CONFIG_TEST", {
      subject: `preparation, ${want.host.name}`,
      expected: "a configuration that dnsmasq and nginx accept",
      found: lastLine(tested.stdout),
      remedy: "Nothing that runs was changed. Correct the setting that is named here.",
    });
  }
  signal.throwIfAborted();
  if (steps.some((step) => (step.kind === "restart" || step.kind === "start") && step.service === "dnsmasq"))
    await host.script(WITHOUT_TAGS, [`${root}/dnsmasq/hosts.d`], { signal, label: "renewal of the known machines" });
  const actions = steps.flatMap((step) =>
    step.kind === "write" || step.kind === "copy" ? [] : [step.kind, unitName(want.cluster, step.service)],
  );
  const due = steps.flatMap((step) =>
    step.kind === "restart" || step.kind === "reload" ? [`${step.kind} ${step.service}`] : [],
  );
  const words = [duePath(want.cluster), due.join("\n"), String(paths.length), ...paths, ...actions];
  const done = await host.script(ACTIVATE, words, { okCodes: [3], label: "activation" });
  if (done.code === 3) throw serviceFailed(want, done.stdout);
}

function serviceFailed(want: PxeInputs, output: string): FlintError {
  return new FlintError("PXE_SERVICE", {
    subject: `preparation, ${want.host.name}`,
    expected: "dnsmasq and nginx running",
    found: output.trim().replace(/\s*\n\s*/g, "; "),
    remedy: `Look at \`journalctl -u 'flint-${want.cluster}-*'\` and ${rootOf(want.cluster)}/log/ there.`,
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** Stops both services and removes what this resource made. Directories that hold something of others stay. */
export const REMOVE = `export PATH="$PATH:/usr/sbin:/sbin"
root=$1; prefix=$2
attached=/etc/systemd/system.attached
for directory in /etc/systemd/system "$attached"; do
  for service in dnsmasq nginx; do
    unit=$prefix-$service.service
    [ -e "$directory/$unit" ] || continue
    systemctl --quiet stop "$unit" 2>/dev/null
    systemctl --quiet is-active "$unit" && { echo "$unit does not stop" >&2; exit 1; }
    [ "$directory" = "$attached" ] || systemctl --quiet disable "$unit" 2>/dev/null
    systemctl reset-failed "$unit" 2>/dev/null
    # Once more what the unit does after its end: its addresses must not stay when that failed, and nobody would tell.
    sed -n 's/^ExecStopPost=-//p' "$directory/$unit" | sh >/dev/null 2>&1 || true
    rm -f "$directory/$unit" "$directory/multi-user.target.wants/$unit"
  done
done
for directory in "$attached/multi-user.target.wants" "$attached"; do
  [ ! -d "$directory" ] || rmdir --ignore-fail-on-non-empty "$directory"
done
systemctl daemon-reload
rm -rf "$root/dnsmasq" "$root/nginx" "$root/tftp" "$root/log" "$root/http/boot" "$root/http/nodes" "$root/http/keys"
rm -f "$root/http/boot.ipxe" "$root/http/boot.ipxe.next"
for directory in "$root/http/images" "$root/http" "$root/images" "$root/nodes" "$root" "\${root%/*}"; do
  [ ! -d "$directory" ] || rmdir --ignore-fail-on-non-empty "$directory"
done
[ ! -d "$root/dnsmasq" ]
`;

export async function removeServer(host: SshSession, cluster: string, signal: AbortSignal): Promise<void> {
  const args = [rootOf(cluster), `flint-${cluster}`];
  await host.script(REMOVE, args, { signal, label: "removal of the PXE server" });
}
