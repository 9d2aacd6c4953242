import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A node as nix/scripts/switch.sh sees one: systems are real store paths, generations a real profile, all below one directory.
 * What a system does to the machine is a line in `log`.
 */
export class NodeWithProfile {
  readonly directory = mkdtempSync(join(tmpdir(), "flint-profile-"));

  constructor() {
    writeFileSync(this.at("log"), "");
    this.health("true");
  }

  at(name: string): string {
    return join(this.directory, name);
  }

  /** A system that makes itself the current one; `then` is what its activation does and how it ends. */
  system(name: string, then = ""): string {
    const dir = this.at(`${name}-system`);
    mkdirSync(join(dir, "bin"), { recursive: true });
    const script = `#!/bin/sh\necho "${name} $1" >> ${this.at("log")}\nln -sfn "$(dirname "$(dirname "$0")")" ${this.at("current")}\n${then}\n`;
    writeFileSync(join(dir, "bin/switch-to-configuration"), script);
    chmodSync(join(dir, "bin/switch-to-configuration"), 0o755);
    return execFileSync("nix-store", ["--add", dir], { encoding: "utf8" }).trim();
  }

  /** The profile's next generation; it does not run by that. */
  deploy(system: string): void {
    execFileSync("nix-env", ["-p", this.at("profile"), "--set", system]);
  }

  /** The node runs this system, as its next generation. */
  run(system: string): string {
    this.deploy(system);
    rmSync(this.at("current"), { force: true });
    symlinkSync(system, this.at("current"));
    return system;
  }

  /** The script that says whether the node is healthy. */
  health(script: string): void {
    writeFileSync(this.at("health"), script);
  }

  environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      FLINT_PROFILE: this.at("profile"),
      FLINT_CURRENT_SYSTEM: this.at("current"),
      FLINT_HEALTH: this.at("health"),
      FLINT_STATE_DIR: this.at("state"),
      FLINT_INTERVAL: "0.1",
    };
  }

  /** Link name of the generation that starts next time: `profile-1-link`. */
  generation(): string {
    return readlinkSync(this.at("profile"));
  }

  current(): string {
    return readlinkSync(this.at("current"));
  }

  log(): string {
    return readFileSync(this.at("log"), "utf8");
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
