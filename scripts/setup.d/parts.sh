# shellcheck shell=bash
# Parts that the lab prepares by itself: the provisioning host's container, the systems' images. Each is idempotent and
# prints its own lines.

setup_parts() {
  local part
  for part in lab/rack/prepare-host lab/services/prepare lab/systems/prepare; do
    [[ -x $ROOT/$part ]] || continue
    if ! (prepare_environment && cd "$ROOT" && SETUP_QUIET=$QUIET timeout -k 10 900 "$ROOT/$part" </dev/null); then
      failed "$part" "it ended with an error (above)." "Run it alone to see more: . scripts/env && $part"
    fi
  done
}

# What the parts find on PATH: the tools known so far. The Pulumi CLI may still be building.
prepare_environment() {
  export PATH=$ROOT/node_modules/.bin:${nix_bin:+$nix_bin:}$PATH
  [[ -z $nix_conf ]] || export NIX_CONF_DIR=$nix_conf
  [[ -z $nix_config ]] || export NIX_CONFIG=$nix_config
}
