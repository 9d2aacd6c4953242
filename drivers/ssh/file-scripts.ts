/**
 * Replaces a file: `$1` path, `$2` mode, `$3` size in bytes, content on standard input. The size is checked because a
 * connection that breaks halfway looks like the end of the content.
 */
export const WRITE_FILE = `set -eu
if [ -d "$1" ]; then echo "is a directory" >&2; exit 1; fi
directory=$(dirname -- "$1")
[ -d "$directory" ] || (umask 022; mkdir -p -- "$directory")
umask 077
temporary=$(mktemp -- "$directory/.flint.XXXXXX")
trap 'rm -f -- "$temporary"' EXIT
trap 'exit 1' HUP INT TERM
cat > "$temporary"
size=$(wc -c < "$temporary")
[ "$size" -eq "$3" ] || { echo "received $size of $3 bytes" >&2; exit 1; }
chmod -- "$2" "$temporary"
sync -- "$temporary"
mv -f -- "$temporary" "$1"
`;

/**
 * Several files in one command. Arguments: how many paths to remove first, these paths, then path and mode of each file.
 * Standard input has the content of each as one line of base64; a line without its end is one that the connection broke in. A file
 * that has its content already is left alone: whoever watches it sees no change.
 */
export const WRITE_FILES = `set -eu
temporary=
trap '[ -z "$temporary" ] || rm -f -- "$temporary"' EXIT
trap 'exit 1' HUP INT TERM
count=$1; shift
while [ "$count" -gt 0 ]; do rm -rf -- "$1"; shift; count=$((count - 1)); done
while [ $# -gt 0 ]; do
  IFS= read -r line || { echo "received only a part of $1" >&2; exit 1; }
  if [ -d "$1" ]; then echo "is a directory" >&2; exit 1; fi
  directory=$(dirname -- "$1")
  [ -d "$directory" ] || (umask 022; mkdir -p -- "$directory")
  umask 077
  temporary=$(mktemp -- "$directory/.flint.XXXXXX")
  printf '%s' "$line" | base64 -d > "$temporary"
  if [ -f "$1" ] && cmp -s -- "$temporary" "$1"; then
    rm -f -- "$temporary"
  else
    chmod -- "$2" "$temporary"
    sync -- "$temporary"
    mv -f -- "$temporary" "$1"
  fi
  temporary=
  shift 2
done
`;

/** One file of several that are written by one command. */
export interface WrittenFile {
  path: string;
  content: string | Buffer;
  /** Default 0644. */
  mode?: number;
}

/** How `WRITE_FILES` is run. The contents are no arguments: they would be seen in the process list. */
export function writeFilesCommand(files: readonly WrittenFile[], instead: readonly string[]) {
  const named = files.flatMap(({ path, mode = 0o644 }) => [path, mode.toString(8)]);
  const lines = files.map(({ content }) => `${Buffer.from(content).toString("base64")}\n`);
  return {
    argv: ["sh", "-c", WRITE_FILES, "sh", String(instead.length), ...instead, ...named],
    stdin: lines.join(""),
    label: `writing ${files.map(({ path }) => path).join(", ")}`,
  };
}

/** Prints the file `$1`, or exits with `$2` when there is none. */
export const READ_FILE = `[ -e "$1" ] || exit "$2"; exec cat -- "$1"`;

/** Prints a line for each path: its content as base64, or `-` when there is no such file. */
export const READ_FILES = `set -eu
for path; do
  if [ -e "$path" ]; then base64 -w 0 -- "$path"; echo; else echo -; fi
done
`;

/** The contents that `READ_FILES` printed for so many paths. */
export function parseFiles(stdout: string, count: number): (Buffer | undefined)[] {
  const lines = stdout.split("\n");
  return Array.from({ length: count }, (_, at) =>
    lines[at] === "-" ? undefined : Buffer.from(lines[at] ?? "", "base64"),
  );
}

/**
 * A script as it is sent to `sh -s`: as one group, so that the shell has read all of it before it runs the first line
 * (half a script, cut off with the connection, does nothing), and commands in it do not read it as their input.
 */
export function scriptInput(text: string): string {
  return `{\n:\n${text}\n} </dev/null\n`;
}
