import { text } from "node:stream/consumers";
import type { HostTarget } from "../../../drivers/ssh/target.js";
import { isFlintError } from "../../../foundation/errors.js";
import { connections } from "../../../providers/runtime/connections.js";
import { hostTargetSchema } from "../../../providers/ssh-target-schema.js";

/** Uses a session to the host on standard input in every way that there is, and tells what came of it. */
async function life(target: HostTarget): Promise<object> {
  const session = await connections.get(target);
  const hostile = ["a b", "it's", "$HOME", "", "`id`", "-n", "--", "A=b", 'q"', "\\"];
  const { stdout: echoed } = await session.exec(["printf", "%s|", ...hostile]);
  const content = Buffer.from([0, 1, 2, 255, 10, 39, 92, 0]);
  await session.writeFile("/root/flint-life/deep/file", content, 0o600);
  const { stdout: owner } = await session.exec(["stat", "-c", "%U %a", "/root/flint-life/deep/file"]);
  const same = (await session.readFile("/root/flint-life/deep/file"))?.equals(content) === true;
  const missing = (await session.readFile("/root/flint-life/none")) === undefined;
  const { stdout: whoami } = await session.script('id -u; printf "%s" "$1"', ["it's $x"]);
  const big = "x".repeat(3_000_000);
  const { stdout: copied } = await session.exec(["cat"], { stdin: big });
  const failed = await session.exec(["sh", "-c", "echo two words >&2; exit 4"]).catch(tell);

  let slow = "";
  const late = await session
    .exec(["sh", "-c", "echo $$; exec sleep 1000"], { deadlineMs: 2_000, label: "nap", onLine: (pid) => (slow = pid) })
    .catch(tell);
  let followed = "";
  const followedLine = new Promise<void>((resolve) => {
    void session
      .follow(["sh", "-c", "echo $$; exec tail -F /root/flint-life/deep/file"], {
        onLine: (line) => {
          followed ||= line;
          resolve();
        },
      })
      .then((following) => followedLine.then(() => following.stop()));
  });
  await followedLine;
  const { stdout: left } = await session.script(ENDED, [slow, followed], { label: "waiting for the ends" });
  await session.exec(["rm", "-rf", "/root/flint-life"]);
  return { echoed, hostile, owner, same, missing, whoami, copied: copied === big, failed, late, left };
}

/** Prints the processes among its arguments that outlive 10 s. */
const ENDED = `for pid in "$@"; do
  tries=0
  while [ -e "/proc/$pid" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
  [ ! -e "/proc/$pid" ] || echo "$pid lives"
done
`;

const tell = (error: unknown) => (isFlintError(error) ? error.message : String(error));

void text(process.stdin)
  .then((input) => life(hostTargetSchema.parse(JSON.parse(input))))
  .catch((error: unknown) => ({ error: tell(error) }))
  .then((answer) => {
    process.stdout.write(JSON.stringify(answer));
    process.exit();
  });
