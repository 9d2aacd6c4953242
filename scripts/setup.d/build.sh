# shellcheck shell=bash
# TypeScript to dist/, only when a source changed.

setup_build() {
  begin
  local stamp=$ROOT/dist/.built sources
  sources=$(typescript_sources | LC_ALL=C sort | sha256sum | cut -c 1-16)
  if [[ -f $stamp && $(<"$stamp") == "$sources" ]] && ! typescript_sources -newer "$stamp" | grep -q . &&
    [[ ! $ROOT/tsconfig.json -nt $stamp && ! $ROOT/package-lock.json -nt $stamp ]]; then
    have "dist/" "built already"
    return
  fi
  local next log=$FLINT_CACHE/log/tsc.log
  mkdir -p "$ROOT/dist"
  next=$(mktemp "$ROOT/dist/.built.XXXXXX") # its time is that of the start: what changes during the build is built again
  echo "$sources" >"$next"
  if ! (cd "$ROOT" && timeout -k 10 300 node_modules/.bin/node node_modules/typescript/bin/tsc -p tsconfig.json) >"$log" 2>&1; then
    rm -f "$next"
    head -n 30 "$log" >&2
    failed "dist/" "the TypeScript build has errors (above, and in $log)." "Mend them, then: npm run build"
    return
  fi
  mv "$next" "$stamp"
  did "dist/" "tsc"
}

# typescript_sources [FIND-TEST…]: the repository's own sources.
typescript_sources() {
  (cd "$ROOT" && find . \( -path ./node_modules -o -path ./dist -o -path ./.git -o -path ./.rack \) -prune -o -name '*.ts' "$@" -print)
}
