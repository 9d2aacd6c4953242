interface Entry {
  content: Buffer;
  mode: number;
}

/** A file system that is held in memory. Directories are there as long as a file is in them. */
export class Files {
  private readonly entries = new Map<string, Entry>();
  /** Told of each file that is removed. */
  onRemoved: (path: string) => void = () => {};

  read(path: string): Buffer | undefined {
    return this.entries.get(path)?.content;
  }

  text(path: string): string | undefined {
    return this.read(path)?.toString("utf8");
  }

  write(path: string, content: string | Buffer, mode = 0o644): void {
    this.entries.set(path, { content: Buffer.from(content), mode });
  }

  /** Removes a file, or a directory with everything in it. */
  remove(path: string): void {
    for (const each of [...this.entries.keys()]) {
      if (each !== path && !each.startsWith(`${path}/`)) continue;
      this.entries.delete(each);
      this.onRemoved(each);
    }
  }

  /** @throws Error when there is no such file. */
  move(from: string, to: string): void {
    const entry = this.entries.get(from);
    if (entry === undefined) throw new Error(`mv: cannot stat '${from}': No such file or directory`);
    this.entries.set(to, entry);
    this.entries.delete(from);
  }

  /** Paths of all files below a directory, sorted. */
  below(directory: string): string[] {
    return [...this.entries.keys()].filter((path) => path.startsWith(`${directory}/`)).sort();
  }

  /** Everything, as it is. */
  all(): { path: string; mode: number; content: Buffer }[] {
    return [...this.entries].map(([path, entry]) => ({ path, ...entry }));
  }

  clear(): void {
    this.entries.clear();
  }
}
