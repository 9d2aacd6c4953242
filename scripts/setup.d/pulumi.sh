# shellcheck shell=bash
# The Pulumi CLI, from the first of: PATH, the vendor's download, a build from pinned Go modules (tools/pulumi*/go.mod).
# The build takes some four minutes on two cores, so it starts in the background before everything else.

pulumi_oldest=3.200.0
pulumi_bin= # folder to put on PATH; empty: PATH has it already
pulumi_builder=

pulumi_version() { sed -n 's|.*github.com/pulumi/pulumi/pkg/v3 v\([0-9.]*\).*|\1|p' "$ROOT/tools/pulumi/go.mod"; }

# The folder's name says what it was built from.
pulumi_built_folder() {
  local hash
  hash=$(cat "$ROOT"/tools/pulumi/go.{mod,sum} "$ROOT"/tools/pulumi-language-nodejs/go.{mod,sum} \
    "$ROOT"/scripts/setup.d/pulumi-{build,language-nodejs} | sha256sum | cut -c 1-12)
  echo "$FLINT_CACHE/tools/pulumi-$hash"
}

pulumi_start_build() {
  pulumi_on_path && return
  pulumi_built=$(pulumi_built_folder)
  pulumi_downloaded=$FLINT_CACHE/tools/pulumi-vendor-$(pulumi_version)
  if [[ -x $pulumi_built/bin/pulumi || -x $pulumi_downloaded/bin/pulumi ]]; then return; fi
  if pulumi_download; then return; fi
  if ! go_can_build "$ROOT/tools/pulumi/go.mod"; then
    stop "the Pulumi CLI is not on PATH, its vendor's download cannot be reached, and there is no Go that is new enough to build it." \
      "Install either of them, then start again:" \
      "  Pulumi CLI $pulumi_oldest or newer: https://www.pulumi.com/docs/install/" \
      "  Go $(sed -n 's/^go //p' "$ROOT/tools/pulumi/go.mod") or newer: https://go.dev/dl/"
  fi
  doing "Pulumi CLI $(pulumi_version): building from Go modules in the background, some 4 minutes on 2 cores"
  pulumi_build_started=$EPOCHREALTIME
  # shellcheck disable=SC2154 # lock: the handle of scripts/setup's lock
  setsid nice -n 5 "$ROOT/scripts/setup.d/pulumi-build" "$ROOT/tools" "$pulumi_built" \
    >"$FLINT_CACHE/log/pulumi-build.log" 2>&1 </dev/null {lock}>&- &
  pulumi_builder=$!
  trap 'kill -- -"$pulumi_builder" 2>/dev/null || true' EXIT # neither Ctrl-C nor a failing item leaves the compiler running
}

pulumi_on_path() {
  local found version
  found=$(find_on_path pulumi) || return 1
  version=$(timeout -k 1 10 "$found" version 2>/dev/null </dev/null) || return 1
  version_at_least "${version#v}" "$pulumi_oldest" || return 1
  pulumi_from="on PATH: $found ${version}"
}

# The archive that the vendor's installers use. A few seconds decide whether it can be reached.
pulumi_download() {
  local version url parts
  version=$(pulumi_version)
  url=https://get.pulumi.com/releases/sdk/pulumi-v$version-linux-x64.tar.gz
  [[ $(uname -m) == x86_64 ]] || url=${url/x64/arm64}
  curl -fsI --connect-timeout 3 --max-time 6 "$url" >/dev/null 2>&1 || return 1
  doing "Pulumi CLI $version: downloading from $url"
  parts=$(mktemp -d "$FLINT_CACHE/tools/pulumi-parts.XXXXXX")
  if curl -fsSL --max-time 300 "$url" | tar -xz -C "$parts" --strip-components 1 && "$parts/pulumi" version >/dev/null; then
    mkdir -p "$pulumi_downloaded"
    rm -rf "${pulumi_downloaded:?}/bin"
    mv "$parts" "$pulumi_downloaded/bin"
    return 0
  fi
  rm -rf "$parts"
  return 1
}

setup_pulumi() {
  begin
  local item="Pulumi CLI"
  if [[ -n ${pulumi_from:-} ]]; then
    have "$item" "$pulumi_from"
    return
  fi
  if [[ -n $pulumi_builder ]]; then
    pulumi_wait || {
      tail -n 15 "$FLINT_CACHE/log/pulumi-build.log" >&2
      stop "building the Pulumi CLI failed." "The whole output is in $FLINT_CACHE/log/pulumi-build.log." \
        "Check that Go modules can be downloaded (go env GOPROXY), or install the CLI: https://www.pulumi.com/docs/install/"
    }
    # shellcheck disable=SC2034 # read by did
    item_started=$pulumi_build_started
    pulumi_bin=$pulumi_built/bin
    did "$item" "built from Go modules: v$(pulumi_version)"
  elif [[ -x $pulumi_downloaded/bin/pulumi ]]; then
    pulumi_bin=$pulumi_downloaded/bin
    have "$item" "the vendor's download: v$(pulumi_version)"
  else
    pulumi_bin=$pulumi_built/bin
    have "$item" "built from Go modules earlier: v$(pulumi_version)"
  fi
  # The engine looks for the dynamic providers' host beside itself; npm's copy has no executable bit.
  local host=pulumi-resource-pulumi-nodejs
  [[ -x $pulumi_bin/$host ]] || install -m 755 "$ROOT/node_modules/@pulumi/pulumi/$host" "$pulumi_bin/$host"
}

pulumi_wait() {
  local waited=0 status=0
  while kill -0 "$pulumi_builder" 2>/dev/null; do
    sleep 1
    if ((++waited % 60 == 0)); then doing "Pulumi CLI: still building, $(seconds_since "$pulumi_build_started") s so far"; fi
  done
  wait "$pulumi_builder" || status=$?
  trap - EXIT
  return "$status"
}
