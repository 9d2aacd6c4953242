# shellcheck shell=bash
# nix and nixos-anywhere of a simulated rack: hands the arguments to the rack's process (FLINT_SIMULATED_TOOLS, a port of this
# machine), prints what that says and ends as it says. Sourced by both programs; the name says which one is meant.
set -u
tool=${0##*/}
if ! exec 3<> "/dev/tcp/127.0.0.1/${FLINT_SIMULATED_TOOLS:?is set where a simulated rack runs}"; then
  echo "$tool: the simulated rack does not answer" >&2
  exit 255
fi
printf '%s\0' "$tool" "$HOME" "$#" "$@" >&3
while IFS= read -r line <&3; do
  case $line in
    "o "*) printf '%s\n' "${line#o }" ;;
    "e "*) printf '%s\n' "${line#e }" >&2 ;;
    "x "*) exit "${line#x }" ;;
  esac
done
echo "$tool: the simulated rack ended in the middle" >&2
exit 255
