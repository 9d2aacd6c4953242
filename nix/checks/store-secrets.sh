#!/bin/sh
# store-secrets.sh [--secret FILE]… PATH…: looks through store paths (a closure) for secrets, and fails naming each file.
#   --secret FILE   a file whose content must be nowhere: each of its lines of 24 characters or more is looked for
# Always looked for: private keys in PEM form, age keys, and files named node.key or ssh_host_*_key.
# Test keys that some packages carry in their test suites are not secrets: paths with /test/ or /tests/ are left out.
set -eu
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
secrets=0
while [ $# -gt 0 ]; do
  case $1 in
    --secret)
      [ -r "${2-}" ] || { echo "store-secrets: ${2-nothing} cannot be read" >&2; exit 2; }
      # PEM's own first and last lines are in many public places; what is between them is not.
      grep -v '^-----' "$2" | awk 'length >= 24' >> "$lines" || :
      secrets=$((secrets + 1))
      shift 2
      ;;
    --) shift; break ;;
    -*) echo "store-secrets: unknown argument: $1" >&2; exit 2 ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || { echo "usage: store-secrets.sh [--secret FILE]… PATH…" >&2; exit 2; }
[ $secrets = 0 ] || [ -s "$lines" ] || { echo "store-secrets: the secrets have no line of 24 characters or more: nothing to look for" >&2; exit 2; }

found=$(
  find "$@" -type f \( -name node.key -o -name 'ssh_host_*_key' \) ! -path '*/test/*' ! -path '*/tests/*' | sed 's/$/: has the name of a private key/'
  # With what follows the first line (-z: over line ends; also as \n in JSON): programs that only know the marker hold no key.
  grep -rIlzE --exclude-dir=test --exclude-dir=tests \
    -e '-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----(\\[nr]|[[:space:]])*(Proc-Type|[A-Za-z0-9+/]{16})' -e 'AGE-SECRET-KEY-1[A-Z0-9]{16}' "$@" 2>/dev/null | sed 's/$/: holds a private key/' || :
  [ ! -s "$lines" ] || grep -rlF -f "$lines" "$@" 2>/dev/null | sed 's/$/: holds a line of a given secret/' || :
)
[ -z "$found" ] || {
  printf 'store-secrets: secrets in the Nix store, which everyone on every machine can read:\n%s\n' "$found" >&2
  echo "remedy: take them out of the flake; give the node's secrets to Flint, which writes them to /etc/nixos/secrets beside the closure. Then replace these keys: they are known." >&2
  exit 1
}
echo "store-secrets: no secret in $# paths"
