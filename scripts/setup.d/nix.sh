# shellcheck shell=bash
# nix: the machine's own if new enough (2.18), else Debian's, unpacked privately.

nix_oldest=2.18
# shellcheck disable=SC2034 # read by environment.sh and parts.sh
nix_bin='' nix_conf='' nix_config=''

# shellcheck disable=SC2034
setup_nix() {
  begin
  setup_nix_store
  local found version
  if found=$(find_on_path nix) && version=$("$found" --version 2>/dev/null | grep -o '[0-9.]*$') &&
    version_at_least "$version" "$nix_oldest"; then
    nix_config="extra-experimental-features = nix-command flakes"
    have "nix" "on PATH: $found $version"
    return
  fi
  local unpack=$ROOT/scripts/setup.d/nix-unpack folder
  folder=$FLINT_CACHE/tools/nix-$(sha256sum "$unpack" | cut -c 1-12)
  nix_bin=$folder/bin nix_conf=$folder/etc
  if [[ -x $nix_bin/nix ]]; then
    have "nix" "Debian's, unpacked earlier: $(<"$folder/version")"
    return
  fi
  doing "nix: unpacking Debian's privately"
  if ! timeout -k 10 300 "$unpack" "$folder" >"$FLINT_CACHE/log/nix.log" 2>&1 </dev/null; then
    tail -n 15 "$FLINT_CACHE/log/nix.log" >&2
    stop "Debian's nix could not be unpacked." "The whole output is in $FLINT_CACHE/log/nix.log." \
      "Or install nix $nix_oldest or newer yourself: https://nixos.org/download/"
  fi
  did "nix" "Debian's nix-bin, unpacked privately: $(<"$folder/version")"
}

# Store paths hold /nix/store in their text, so the store cannot be anywhere else.
setup_nix_store() {
  [[ -d /nix && -w /nix ]] && return
  [[ -S /nix/var/nix/daemon-socket/socket ]] && return
  if ! is_root; then
    stop "nix needs the folder /nix, writable by you." "Run this, then start again:" "" \
      "  sudo install -d -o $(id -un) /nix"
  fi
  install -d -m 755 /nix
}
