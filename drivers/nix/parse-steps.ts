/** The steps of nixos-anywhere that Flint runs, in their order, by the line it prints (`### text ###`). */
const STEPS = [
  { step: "keys", line: "Uploading install SSH keys" },
  { step: "facts", line: "Gathering machine facts" },
  { step: "disk-script", line: "Building disko script" },
  { step: "format", line: "Formatting hard drive with disko" },
  { step: "closure", line: "Uploading the system closure" },
  { step: "secrets", line: "Copying extra files" },
  { step: "bootloader", line: "Installing NixOS" },
  { step: "reboot", line: "Rebooting" },
  { step: "done", line: "Done!" },
] as const;

export type InstallStep = (typeof STEPS)[number]["step"];

/** What a user reads for a step. */
export const STEP_TEXT: Record<InstallStep, string> = {
  keys: "preparing the installer",
  facts: "gathering facts",
  "disk-script": "copying the disk script",
  format: "formatting the disk",
  closure: "copying the system",
  secrets: "copying secrets",
  bootloader: "installing the bootloader",
  reboot: "rebooting",
  done: "installed",
};

/** The step that a line of nixos-anywhere's standard output announces. */
export function parseStep(line: string): InstallStep | undefined {
  const text = /^### (.*?) ###\s*$/.exec(line.trim())?.[1];
  return text === undefined ? undefined : STEPS.find((known) => text.startsWith(known.line))?.step;
}
