/** Files of a "newc" cpio archive by path, as the kernel unpacks them (buffer-format.rst). */
export function readArchive(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  let at = 0;
  while (archive.toString("latin1", at, at + 6) === "070701") {
    const field = (index: number) =>
      Number.parseInt(archive.toString("latin1", at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const [size, nameSize] = [field(6), field(11)];
    const name = archive.toString("utf8", at + 110, at + 110 + nameSize - 1);
    const content = aligned(at + 110 + nameSize);
    if (name === "TRAILER!!!") break;
    if ((field(1) & 0o170000) === 0o100000) files.set(name, archive.toString("utf8", content, content + size));
    at = aligned(content + size);
  }
  return files;
}

const aligned = (at: number) => Math.ceil(at / 4) * 4;
