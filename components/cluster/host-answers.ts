import { login } from "../../drivers/ssh/connect.js";
import type { SshTarget } from "../../drivers/ssh/target.js";
import { FlintError, isFlintError } from "../../foundation/errors.js";

const CONNECT_MS = 5_000;
const DEADLINE_MS = 15_000;

/** What an error says of a host, by the key of the configuration that is to be looked at. */
const KEYS: Readonly<Record<string, string>> = {
  SSH_HOST_KEY: ".hostKey",
  SSH_HOST_KEY_UNKNOWN: ".hostKey",
  SSH_AUTH: ".privateKey",
  SSH_KEY: ".privateKey",
};

/**
 * Resolves when the provisioning host, and the jump host before it, let the login key in; no command runs. Asked because
 * @pulumi/command's own errors ("Connection lost before handshake", "unable to authenticate") name neither setting nor remedy.
 * @throws FlintError `PXE_HOST_UNREACHABLE` after 15 s at most, `SSH_HOST_KEY`, `SSH_HOST_KEY_UNKNOWN`, `SSH_AUTH`, `SSH_KEY`.
 */
export async function hostAnswers(host: SshTarget): Promise<void> {
  const error = await refusalOf(host);
  if (error === undefined) return;
  const { subject, expected, found, remedy } = error;
  const { code } = error.code === "SSH_UNREACHABLE" ? { code: "PXE_HOST_UNREACHABLE" } : error;
  const { jump } = host;
  const setting = jump !== undefined && subject.startsWith(jump.name) ? "pxe.host.jump" : "pxe.host";
  throw new FlintError(code, {
    subject: `preparation: ${subject} (${setting}${KEYS[code] ?? ""})`,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    remedy: `${remedy} Then run \`pulumi up\` again.`,
    cause: error,
  });
}

async function refusalOf(host: SshTarget): Promise<FlintError | undefined> {
  try {
    const attempt = await login(host, { connectMs: CONNECT_MS, deadlineMs: DEADLINE_MS });
    if ("error" in attempt) return attempt.error;
    attempt.client.end();
    return undefined;
  } catch (error) {
    if (isFlintError(error)) return error;
    throw error;
  }
}
