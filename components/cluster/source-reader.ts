import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { SecretSource, TextSource } from "./args.js";
import { publicKey } from "./formats.js";
import { type Problem, shown } from "./problem.js";

/** A secret as it is passed on: text that is known now, or an output of another resource. */
export type Secret = Exclude<SecretSource, { file: string } | { env: string }>;

/** Reads texts, files and variables that the configuration names. Collects problems instead of stopping at the first. */
export class SourceReader {
  readonly problems: Problem[] = [];
  private readonly reported = new Set<string>();

  /** @param directory Where relative paths start. */
  constructor(readonly directory: string) {}

  /** A default that many nodes share is reported once. */
  report(problem: Problem): void {
    if (this.reported.has(problem.path)) return;
    this.reported.add(problem.path);
    this.problems.push(problem);
  }

  text(source: TextSource, path: string): string {
    if (typeof source === "string") return source;
    if ("env" in source) {
      const value = process.env[source.env];
      if (value !== undefined && value !== "") return value;
      const allowed = "an environment variable that is set and not empty";
      this.report({ path, found: `the variable ${source.env} is not set`, allowed, remedy: `Set ${source.env}.` });
      return "";
    }
    const file = resolve(this.directory, source.file.replace(/^~(?=\/)/, homedir()));
    try {
      const content = readFileSync(file, "utf8");
      if (content.trim() !== "") return content.replace(/\r?\n$/, "");
      this.report({
        path,
        found: `the file ${source.file} is empty`,
        allowed: "a file with content",
        remedy: "Fill it, or name another.",
      });
    } catch (error) {
      const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
      this.report({
        path,
        found: missing ? `the file ${source.file} does not exist` : `the file ${source.file} cannot be read`,
        allowed: `a readable file; relative paths start at ${this.directory}`,
        remedy: missing ? "Create it, or name another." : "Let the user who runs Pulumi read it.",
      });
    }
    return "";
  }

  /** Outputs of other resources are known only later and pass unread. */
  secret(source: SecretSource, path: string): Secret {
    if (typeof source === "string") return source;
    if ("file" in source || "env" in source) return this.text(source as TextSource, path);
    return source;
  }

  publicKeys(source: TextSource, path: string): string[] {
    const lines = this.text(source, path)
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
    return lines.flatMap((line) => {
      const key = publicKey.read(line);
      if (key !== undefined) return [key];
      this.report({ path, found: shown(line), allowed: publicKey.allowed, remedy: publicKey.remedy });
      return [];
    });
  }

  certificate(source: TextSource, path: string): string {
    const pem = this.text(source, path);
    if (pem !== "" && !pem.includes("-----BEGIN CERTIFICATE-----")) {
      this.report({
        path,
        found: "text that is no certificate",
        allowed: "certificates in PEM form",
        remedy: "Name the CA's .pem file.",
      });
    }
    return pem;
  }
}
