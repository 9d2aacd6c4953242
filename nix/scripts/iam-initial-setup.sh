#!/bin/sh
# Sets IAM up, once per cluster: notes in FlareDB that it is done, and waits until this node's IAM is healthy. Whichever node
# comes first writes; the others find the note. See README.md.
set -eu
script="iam-initial-setup"
# shellcheck source-path=SCRIPTDIR source=api.sh
. "$(dirname "$0")/api.sh"

marker=.iam-set-up
if [ -e "$state_dir/$marker" ]; then
  say "was done before ($state_dir/$marker)"
  exit 0
fi
read_configuration
flaredb=$(local_url flaredb)
iam=$(local_url iam)
key=$flaredb/v1/kv/iam/initial-setup
start_clock "${FLINT_DEADLINE:-300}"

# noted: the setup is noted in FlareDB. Writes the note when there is none, and reads it back.
noted() {
  call GET "$key"
  case $status in
    200) return 0 ;;
    404)
      say "writing IAM's initial setup"
      call PUT "$key" "$(jq -c --arg at "$(date -u +%Y-%m-%dT%H:%M:%SZ)" '{version: 1, cluster, by: .node_id, at: $at}' "$config")"
      seen="FlareDB answers $status ${body:-$reason} to the write"
      ;;
    401 | 403) fail 1 "FlareDB refuses $node_id: $status $body" "check that node.crt is signed by the cluster's CA and names $node_id, then run pulumi up" ;;
    *) seen="FlareDB answers $status ${body:-$reason}" ;;
  esac
  return 1
}

iam_healthy() {
  call GET "$iam/health"
  seen="$iam/health answers $status ${body:-$reason}"
  [ "$status" = 200 ]
}

# A note just written is read at once, before the first pause.
noted || wait_until "FlareDB to hold IAM's setup" "look at journalctl -u flaredb; FlareDB must have a leader" noted
wait_until "a healthy IAM on this node" "look at journalctl -u iam, and at the health of FlareDB on this node" iam_healthy
set_marker "$marker"
say "IAM is set up"
