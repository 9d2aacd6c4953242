# shellcheck shell=bash
# iPXE for 64-bit ARM: Debian 12's package has none. Only tests need it: without it they say that they are skipped.

# shellcheck disable=SC2034 # read by environment.sh
ipxe_arm64=''

setup_ipxe_arm64() {
  begin
  local name=ipxe-arm64.efi folder=$FLINT_CACHE/tools/ipxe-arm64 log=$FLINT_CACHE/log/ipxe-arm64.log parts
  if [[ -f /usr/lib/ipxe/$name ]]; then
    have "iPXE for ARM" "of this machine's package"
    return
  fi
  ipxe_arm64=$folder/$name
  if [[ -f $ipxe_arm64 ]]; then
    have "iPXE for ARM" "Debian 13's, unpacked earlier"
    return
  fi
  doing "iPXE for ARM: unpacking Debian 13's"
  parts=$(mktemp -d)
  if timeout -k 10 200 "$ROOT/scripts/setup.d/debian-unpack" "$parts" trixie ipxe >"$log" 2>&1 </dev/null; then
    install -D -m 644 "$parts/usr/lib/ipxe/$name" "$ipxe_arm64"
    did "iPXE for ARM" "Debian 13's, unpacked privately"
  else
    ipxe_arm64=''
    did "iPXE for ARM" "NOT FOUND: its test is skipped; see $log"
  fi
  rm -rf "$parts"
}
