import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Programs that stand first on PATH for as long as this lives. */
export class FakePrograms implements Disposable {
  readonly directory = mkdtempSync(path.join(tmpdir(), "flint-programs-"));
  private readonly before = process.env.PATH;

  constructor(programs: Record<string, string>) {
    const bin = path.join(this.directory, "bin");
    mkdirSync(bin);
    for (const [name, script] of Object.entries(programs)) {
      writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(path.join(bin, name), 0o755);
    }
    process.env.PATH = `${bin}:${this.before}`;
  }

  at(name: string): string {
    return path.join(this.directory, name);
  }

  [Symbol.dispose](): void {
    process.env.PATH = this.before;
    rmSync(this.directory, { recursive: true, force: true });
  }
}
