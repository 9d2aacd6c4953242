# shellcheck shell=bash
# Looking for tools of the machine's own.

# find_on_path NAME: where the machine has it, apart from what set-up put on PATH itself.
find_on_path() {
  local found
  while read -r found; do
    case $found in "$FLINT_CACHE"/* | */node_modules/.bin/*) continue ;; esac
    echo "$found"
    return 0
  done < <(type -ap "$1" | awk '!seen[$0]++')
  return 1
}

# version_at_least HAVE WANT: by numbers, 3.9.0 is older than 3.200.0.
version_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }
