import { FlintError, isFlintError } from "../../foundation/errors.js";
import type { NodeStep } from "./plan.js";

/** What a user calls a step. */
const PHASE: Record<NodeStep["do"], string> = {
  "register-install": "registration",
  "boot-installer": "start of the installer",
  "accept-disk": "look at its disks",
  install: "installation",
  "register-disk": "registration",
  "leave-installer": "restart out of the installer",
  "power-on": "power on",
  "await-system": "start from disk",
  "write-material": "new secrets",
  switch: "switch to another system",
  reboot: "restart",
};

/** An error of ssh knows the host and the command only: whose operation it ended, and in which phase, is said here. */
export function inStep(machine: string, step: NodeStep["do"], error: unknown): unknown {
  if (!isFlintError(error) || !error.code.startsWith("SSH_")) return error;
  const { code, subject, expected, found, remedy } = error;
  const where = `${machine}, ${PHASE[step]}`;
  return new FlintError(code, {
    subject: subject === machine ? where : `${where}: ${subject}`,
    expected,
    found,
    remedy,
    cause: error,
  });
}
