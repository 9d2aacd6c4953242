# shellcheck shell=bash
# $FLINT_CACHE/env.sh: what scripts/env reads. It holds no path of a checkout: checkouts share the cache.

# shellcheck disable=SC2016,SC2154 # $PATH is for the reader of the file; the variables are set by the other items
setup_environment() {
  local file=$FLINT_CACHE/env.sh new
  new=$(mktemp "$file.XXXXXX")
  {
    echo "# Written by scripts/setup. Read it with: . scripts/env"
    printf 'export FLINT_CACHE=%q\n' "$FLINT_CACHE"
    [[ -z $go_bin ]] || printf 'export PATH=$PATH:%q\n' "$go_bin"
    [[ -z $nix_bin ]] || printf 'export PATH=%q:$PATH\n' "$nix_bin"
    [[ -z $pulumi_bin ]] || printf 'export PATH=%q:$PATH\n' "$pulumi_bin"
    [[ -z $nix_conf ]] || printf 'export NIX_CONF_DIR=%q\n' "$nix_conf"
    [[ -z $nix_config ]] || printf 'export NIX_CONFIG=%q\n' "$nix_config"
    [[ -z $ipxe_arm64 ]] || printf 'export FLINT_IPXE_ARM64=%q\n' "$ipxe_arm64"
    printf 'export FLINT_PLUGINS=%q\n' "$plugins_from"
    echo 'export PULUMI_SKIP_UPDATE_CHECK=true'
  } >"$new"
  if cmp -s "$new" "$file"; then rm "$new"; else mv "$new" "$file"; fi
}
