# shellcheck shell=bash
# TypeScript to dist/, only when what it is made of, or what was made of it last, is not what it was.

setup_build() {
  begin
  local stamp=$ROOT/dist/.built sources
  sources=$(typescript_sources)
  if [[ -f $stamp && $(<"$stamp") == "$sources $(typescript_result)" ]]; then
    have "dist/" "built already"
    return
  fi
  local log=$FLINT_CACHE/log/tsc.log
  mkdir -p "$ROOT/dist"
  rm -f "$stamp"
  doing "dist/ (tsc)"
  if ! (cd "$ROOT" && timeout -k 10 300 node_modules/.bin/node node_modules/typescript/bin/tsc -p tsconfig.json) >"$log" 2>&1; then
    head -n 30 "$log" >&2
    failed "dist/" "the TypeScript build has errors (above, and in $log)." "Mend them, then: npm run build"
    return
  fi
  # The sources as they were at the start: what changed during the build is built again.
  echo "$sources $(typescript_result)" >"$stamp"
  did "dist/" "tsc"
}

# typescript_sources: a digest of the content of all that is compiled, and of what decides how.
typescript_sources() {
  (cd "$ROOT" && find . \( -path ./node_modules -o -path ./dist -o -path ./.git -o -path ./.rack \) -prune -o \
    \( -name '*.ts' -o -path ./tsconfig.json -o -path ./package.json -o -path ./package-lock.json \) -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16)
}

# typescript_result: tsc's own note of what it built. After a build by hand, of other sources perhaps, it is another one.
typescript_result() { sha256sum "$ROOT/dist/.tsbuildinfo" 2>/dev/null | cut -c 1-16; }
