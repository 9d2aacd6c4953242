# shellcheck shell=bash
# npm dependencies, Node itself among them: the npm package `node` brings the runtime where the machine's is too old.

setup_npm() {
  begin
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    stop "node or npm is not on PATH." "Any Node from 18 on will do to start: sudo apt-get install nodejs npm"
  fi
  if node "$ROOT/scripts/setup.d/npm-installed.cjs" "$ROOT" && runtime_answers; then
    have "npm packages" "as in package-lock.json, Node $runtime_version"
    return
  fi
  doing "npm packages (npm ci)"
  local log=$FLINT_CACHE/log/npm.log
  if ! (cd "$ROOT" && timeout -k 10 600 npm ci --no-audit --no-fund --loglevel=error </dev/null) >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    stop "npm ci failed." "The whole output is in $log." "Check that the npm registry can be reached: npm ping"
  fi
  runtime_answers || bring_runtime >>"$log" 2>&1 || true
  runtime_answers || stop "node_modules/.bin/node does not run." "Delete node_modules and start again."
  did "npm packages" "npm registry, npm ci; Node $runtime_version"
}

# Newer npm versions may skip packages' install scripts; the runtime's is the only one needed.
bring_runtime() {
  (cd "$ROOT/node_modules/node" && node installArchSpecificPackage </dev/null) &&
    ln -sfn ../node/bin/node "$ROOT/node_modules/.bin/node"
}

runtime_answers() {
  runtime_version=$("$ROOT/node_modules/.bin/node" --version 2>/dev/null) || return 1
  [[ ${runtime_version#v} == 2[2-9].* || ${runtime_version#v} == [3-9][0-9].* ]]
}
