import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { Document, parse, parseDocument } from "yaml";
import { z } from "zod";
import { FlintError } from "../../foundation/errors.js";

const PROJECT_FILES = ["Pulumi.yaml", "Pulumi.yml"];
/** Says whose the file is: the directory of the rack, which is there as long as the rack. */
const MARK = "flint:simulated";

const projectFile = z.looseObject({ stackConfigDir: z.string().optional() });
const stackFile = z.object({ config: z.looseObject({ [MARK]: z.string() }) });

/** The stack file of a rack in somebody's project: it is there as long as the rack. */
export class StackFile {
  readonly path: string;

  /**
   * @param directory Of the project.
   * @param rack The rack's directory.
   * @throws FlintError SIMULATION_PROJECT where there is no project, or a stack file that is not left over from a rack.
   */
  constructor(
    directory: string,
    stack: string,
    private readonly rack: string,
  ) {
    const project = PROJECT_FILES.map((name) => join(directory, name)).find((path) => existsSync(path));
    if (project === undefined)
      throw new FlintError("SIMULATION_PROJECT", {
        subject: directory,
        expected: "a Pulumi project",
        found: "no Pulumi.yaml",
        remedy: "Name the directory of your program that has it.",
      });
    const { stackConfigDir = "." } = projectFile.parse(parse(readFileSync(project, "utf8")) ?? {});
    this.path = join(dirname(project), stackConfigDir, `Pulumi.${stack}${extname(project)}`);
    this.refuseOthers(stack);
  }

  /** Writes these keys beside what the CLI wrote. */
  write(config: Readonly<Record<string, unknown>>): void {
    // Not of "{}": all that is put into braces stays one long line, which nobody can edit.
    const document = existsSync(this.path) ? parseDocument(readFileSync(this.path, "utf8")) : new Document({});
    for (const [key, value] of Object.entries({ ...config, [MARK]: this.rack })) document.setIn(["config", key], value);
    writeFileSync(this.path, document.toString({ lineWidth: 0 }), { mode: 0o600 });
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }

  private refuseOthers(stack: string): void {
    if (!existsSync(this.path)) return;
    const ours = stackFile.safeParse(parse(readFileSync(this.path, "utf8"))).data?.config[MARK];
    if (ours !== undefined && !existsSync(ours)) {
      this.remove();
      return;
    }
    throw new FlintError("SIMULATION_PROJECT", {
      subject: this.path,
      expected: `no stack ${stack}: the rack makes it and removes it`,
      found: ours === undefined ? "a stack file of yours" : "that of another rack which runs",
      remedy: "Choose another name for the rack's stack.",
    });
  }
}
