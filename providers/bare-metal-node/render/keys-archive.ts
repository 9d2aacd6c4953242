/** A file of a cpio archive; directories are made from the paths. */
export interface ArchiveFile {
  /** Without a leading slash. */
  path: string;
  mode: number;
  content: string;
}

/**
 * A "newc" cpio archive (Linux Documentation/driver-api/early-userspace/buffer-format.rst): the kernel unpacks it over
 * the image's own files, so that one shared image gets each node's keys without a rebuild.
 */
export function renderArchive(files: ArchiveFile[]): Buffer {
  const parts: Buffer[] = [];
  let inode = 1;
  const add = (name: string, mode: number, content: Buffer) => {
    const fields = [inode++, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, Buffer.byteLength(name) + 1, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0").toUpperCase()).join("")}`;
    parts.push(padded(Buffer.from(`${header}${name}\0`)), padded(content));
  };
  const directories = new Set<string>();
  for (const file of files) {
    const steps = file.path.split("/").slice(0, -1);
    for (let depth = 1; depth <= steps.length; depth++) directories.add(steps.slice(0, depth).join("/"));
  }
  for (const directory of directories) add(directory, 0o040700, Buffer.alloc(0));
  for (const file of files) add(file.path, 0o100000 | file.mode, Buffer.from(file.content));
  add("TRAILER!!!", 0, Buffer.alloc(0));
  return Buffer.concat(parts);
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}
