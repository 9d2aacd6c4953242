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

/** Prints the file `$1`, or exits with `$2` when there is none. */
export const READ_FILE = `[ -e "$1" ] || exit "$2"; exec cat -- "$1"`;

/**
 * A script as it is sent to `sh -s`: as one group, so that the shell has read all of it before it runs the first line
 * (half a script, cut off with the connection, does nothing), and commands in it do not read it as their input.
 */
export function scriptInput(text: string): string {
  return `{\n:\n${text}\n} </dev/null\n`;
}
