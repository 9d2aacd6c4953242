import { createHash } from "node:crypto";
import { LOOK } from "../../../providers/netboot-image/holdings.js";
import { HEADS } from "../../../providers/netboot-image/served.js";
import { BEGIN, FINISH } from "../../../providers/netboot-image/upload.js";
import { UNPUBLISH } from "../../../providers/netboot-image/work.js";
import type { Commands, ShellCall } from "../ssh/shell.js";
import type { ProvisioningHost } from "./host.js";

const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");

/** What is asked of a provisioning host for netboot images. */
export const imageCommands: Commands<ProvisioningHost>["scripts"] = [
  [LOOK, look],
  [
    BEGIN,
    ({ files }, { argv: [chunks = ""] }) => ({
      stdout: files
        .below(chunks)
        .map((path) => `${path.slice(chunks.length + 1)} ${files.read(path)?.length}\n`)
        .join(""),
    }),
  ],
  [
    FINISH,
    ({ files }, { argv: [chunks = "", target = "", expected] }) => {
      const whole = Buffer.concat(files.below(chunks).map((path) => files.read(path) ?? Buffer.alloc(0)));
      files.remove(chunks);
      const found = sha256(whole);
      if (found !== expected) return { code: 3, stdout: `${found}\n` };
      files.write(target, whole);
      return {};
    },
  ],
  [
    HEADS,
    ({ files, units }, { argv }) => {
      const unit = [...units].find(([name, { active }]) => active && name.endsWith("-nginx.service"))?.[0];
      const root = `/var/lib/flint/${/^flint-(.*)-nginx\.service$/.exec(unit ?? "")?.[1]}/http`;
      const lines = argv.map((url) => {
        const content = files.read(`${root}${new URL(url).pathname}`);
        if (unit === undefined) return `000 0 ${url}\n`;
        return content === undefined ? `404 0 ${url}\n` : `200 ${content.length} ${url}\n`;
      });
      return { stdout: lines.join("") };
    },
  ],
  [UNPUBLISH, ({ files }, { argv: [pointer = ""] }) => void files.remove(pointer)],
];

/** As the script of providers/netboot-image/holdings.ts prints it. */
function look({ files }: ProvisioningHost, { argv: [root = "", profile = "", ...paths] }: ShellCall) {
  const lines = paths.flatMap((path) => {
    const content = files.read(`${root}/http${path}`);
    return content === undefined ? [] : [`file ${content.length} ${sha256(content)} ${path}`];
  });
  const images = `${root}/http/images`;
  const directories = files.below(images).map((path) => path.slice(images.length + 1).split("/")[0]);
  lines.push(...[...new Set(directories)].map((directory) => `directory ${directory}`));
  const own = `${root}/images/${profile}.json`;
  const users = [...files.below(`${root}/http/nodes`), ...files.below(`${root}/images`)].filter((path) => path !== own);
  const used = users.flatMap((path) => [...(files.text(path) ?? "").matchAll(/\/images\/([0-9a-f]*)\//g)]);
  lines.push(...[...new Set(used.map(([, directory]) => directory))].map((directory) => `used ${directory}`));
  const pointer = files.read(own);
  if (pointer !== undefined) lines.push(`pointer ${pointer.toString("base64")}`);
  return { stdout: `${lines.join("\n")}\nend\n` };
}
