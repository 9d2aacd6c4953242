#!/bin/sh
# Makes this node a voting member of a raft service, once: cluster-join.sh chainfire|flaredb
# With bootstrap true the cluster forms by itself and this waits for it; otherwise the leader is asked to add the node.
# The marker is set only when the leader's own list shows this node as a voter. See README.md.
set -eu
script="cluster-join ${1-}"
# shellcheck source-path=SCRIPTDIR source=api.sh
. "$(dirname "$0")/api.sh"

service=${1-}
case $service in
  chainfire) own_addr='.raft_addr' ;;
  flaredb) own_addr='.flaredb.raft_addr' ;;
  *) script=cluster-join fail 2 "usage: cluster-join.sh chainfire|flaredb" "name the service" ;;
esac
marker=.$service-joined
if [ -e "$state_dir/$marker" ]; then
  say "has joined before ($state_dir/$marker)"
  exit 0
fi
require_configuration
raft_addr=$(jq -er "$own_addr" "$config") ||
  fail 2 "$config has no $own_addr" "deploy the node's secrets again (pulumi up)"
bootstrap=$(jq -r '.bootstrap == true' "$config")
own_url=$(local_url "$service")
say "$node_id at $raft_addr, bootstrap $bootstrap"
start_clock "${FLINT_DEADLINE:-600}"

# own_service_ready: it answers as healthy, or as removed from its cluster (it can be added again). Sets $own_state.
own_service_ready() {
  call GET "$own_url/health"
  own_state=$(body_field '.state') data=$(body_field '.data')
  seen="$own_url/health answers $status ${body:-$reason}"
  [ "$status" = 200 ] && return 0
  [ "$status" = 503 ] && [ "$(body_field '.status')" = removed ] && own_state=removed
}

# url_of ID RAFT-ADDRESS: how to call that member: as declared, else on the cluster network.
url_of() {
  jq -r --arg id "$1" --arg service "$service" --arg otherwise "https://${2%:*}:$(port_of "$service")" '
    [ .initial_members[]? | select(.id == $id) | {chainfire: .api_url, flaredb: .flaredb_api_url}[$service] // empty ][0]
    // $otherwise' "$config"
}

# leaders_list: $body is the leader's own list of members; sets $leader_url. Asks any member who leads.
leaders_list() {
  seen="no member of $service answers"
  for url in ${leader_url:+"$leader_url"} "$own_url" $(member_urls "$service"); do
    call GET "$url/admin/cluster/members"
    [ "$status" = 200 ] || { [ "$status" = 000 ] && seen="$url: $reason" || seen="$url answers $status $body"; continue; }
    leader=$(body_field '.leader')
    [ "$leader" != - ] || { seen="$url knows of no leader"; continue; }
    leader_url=$(url_of "$leader" "$(body_field ".members[] | select(.id == \"$leader\") | .raft_addr")")
    if [ "$leader" = "$node_id" ]; then leader_url=$own_url; fi
    [ "$url" != "$leader_url" ] || return 0
    call GET "$leader_url/admin/cluster/members"
    [ "$status" != 200 ] || return 0
    seen="the leader $leader at $leader_url answers $status ${reason:-$body}"
  done
  leader_url=
  return 1
}

# post PATH BODY: to the leader, following whoever points elsewhere (421). Sets $status and $body.
post() {
  post_url=$leader_url
  for _ in 1 2 3 4 5; do
    call POST "$post_url$1" "$2"
    [ "$status" = 421 ] || return 0
    hint=$(body_field '.leader_url')
    [ "$hint" != - ] || return 0
    say "$post_url is not the leader, and points to $hint"
    post_url=$hint
  done
}

add_myself() {
  say "asking the leader at $leader_url to add $node_id at $raft_addr"
  post /admin/member/add "$(jq -nc --arg id "$node_id" --arg addr "$raft_addr" '{id: $id, raft_addr: $addr}')"
  seen="the leader answers $status ${body:-$reason}"
  case $status in
    200 | 201) say "added" ;;
    409)
      there_id=$(body_field '.id') there_addr=$(body_field '.raft_addr')
      [ "$there_addr" != - ] || return 0
      [ "$there_id $there_addr" = "$node_id $raft_addr" ] ||
        fail 1 "$service has the member $there_id at $there_addr, and cannot add $node_id at $raft_addr" \
          "remove that member (POST $leader_url/admin/member/remove {\"id\": \"$there_id\"}), or correct raft_addr in the stack file"
      ;;
    400 | 401 | 403)
      fail 1 "the leader at $post_url refuses to add $node_id: $status $body" \
        "check that node.crt is signed by the cluster's CA and names $node_id, then run pulumi up"
      ;;
    *) progress "$seen" ;;
  esac
}

# remove_lost: this node is listed, but started without its data; its old membership must end before it joins anew.
remove_lost() {
  say "$service lists $node_id, whose data is gone here: removing it before it is added again"
  post /admin/member/remove "$(jq -nc --arg id "$node_id" '{id: $id}')"
  seen="the leader answers $status ${body:-$reason} to the removal"
  case $status in 200 | 404) ;; *) progress "$seen" ;; esac
}

# joined: true when the leader lists this node as a voter; does what is missing otherwise.
joined() {
  leaders_list || return 1
  there=$(body_field ".members[] | select(.id == \"$node_id\") | .raft_addr")
  role=$(body_field ".members[] | select(.id == \"$node_id\") | .role")
  case $there in
    "$raft_addr") ;;
    -)
      own_service_ready || return 1
      seen="$leader does not list $node_id"
      if [ "$bootstrap" = false ] || [ "$own_state" = waiting ] || [ "$own_state" = removed ]; then add_myself; fi
      return 1
      ;;
    *)
      fail 1 "$service lists $node_id at $there, but it is configured for $raft_addr" \
        "remove the member $node_id and run this again, or set its cluster address back"
      ;;
  esac
  case $role in
    leader | follower) return 0 ;;
    *) seen="$node_id is listed as a $role" ;;
  esac
  return 1
}

# settled: as joined, but a node whose data was lost first leaves.
settled() {
  if own_service_ready && [ "$data" = lost ] && leaders_list; then remove_lost; return 1; fi
  joined
}

wait_until "a healthy $service on this node" "look at systemctl status $service and journalctl -u $service; a bootstrap node needs most of the others to be up" own_service_ready
wait_until "$node_id to be a voter of $service" "look at the leader's journal (journalctl -u $service), and whether the nodes reach each other on the cluster network" settled
set_marker "$marker"
say "$node_id is a $role of $service, led by $leader ($(body_field '[.members[] | select(.role != "learner") | .id] | join(", ")'))"
