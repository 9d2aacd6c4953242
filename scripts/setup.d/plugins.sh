# shellcheck shell=bash
# The tls and command plugins. The engine downloads the vendor's by itself; only where that cannot work does the lab supply
# stand-ins (lab/plugins). Decided once per cache.

plugins_from=

setup_plugins() {
  begin
  local decision=$FLINT_CACHE/plugins tell=did
  if [[ -f $decision ]]; then
    tell=have
    plugins_from=$(<"$decision")
  else
    plugins_from=stand-in
    # pulumi-tls and pulumi-command are published here; any answer will do.
    if curl -fsI --connect-timeout 3 --max-time 5 https://get.pulumi.com/ >/dev/null 2>&1; then plugins_from=vendor; fi
    echo "$plugins_from" >"$decision"
  fi
  if [[ $plugins_from == vendor ]]; then
    have "tls, command plugins" "the vendor's: the engine downloads them when first used"
  else
    "$tell" "tls, command plugins" "STAND-INS of lab/plugins: the vendor's download is out of reach"
    [[ -n $QUIET ]] || echo "                         (delete $decision to look again)"
  fi
}
