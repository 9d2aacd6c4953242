# shellcheck shell=bash
# Go, for the rack's services (any since 1.19) and, where the Pulumi CLI has to be built, a new one: PATH, the place where Go's
# own archive unpacks to, else Debian's package (in wanted_packages).

go_bin= # folder to put on PATH; empty: PATH has it already

# find_go: puts Go's usual place on PATH if only that has it. False: there is none.
find_go() {
  if command -v go >/dev/null; then return 0; fi
  [[ -x /usr/local/go/bin/go ]] || return 1
  go_bin=/usr/local/go/bin
  export PATH=$PATH:$go_bin
}

# go_can_build FILE: whether Go is as new as that go.mod wants.
go_can_build() {
  find_go && version_at_least "$(go env GOVERSION | sed 's/^go//')" "$(sed -n 's/^go //p' "$1")"
}
