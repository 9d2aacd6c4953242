# shellcheck shell=bash
# The installer. A real one on PATH is used as it is; without it the rack has a stand-in with the same arguments, steps and
# exit codes, which scripts/env and lab/rack/environment.sh put last on PATH.

setup_nixos_anywhere() {
  begin
  if command -v nixos-anywhere >/dev/null; then
    have "nixos-anywhere" "on PATH: $(command -v nixos-anywhere)"
  else
    have "nixos-anywhere" "STAND-IN of lab/nixos-anywhere: none is on PATH"
  fi
}
