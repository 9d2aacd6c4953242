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
  chainfire | flaredb) ;;
  *) script=cluster-join fail 2 "usage: cluster-join.sh chainfire|flaredb" "name the service" ;;
esac
marker=.$service-joined
if [ -e "$state_dir/$marker" ]; then
  say "has joined before ($state_dir/$marker)"
  exit 0
fi
read_configuration
raft_addr=$chainfire_addr
if [ "$service" = flaredb ]; then raft_addr=$flaredb_addr; fi
[ "$raft_addr" != - ] || fail 2 "$config has no raft_addr for $service" "deploy the node's secrets again (pulumi up)"
own_url=$(local_url "$service")
leader_url=''
say "$node_id at $raft_addr, bootstrap $bootstrap"
start_clock "${FLINT_DEADLINE:-600}"

# own_service_ready: it answers as healthy, or as removed from its cluster (it can be added again). $own_health is its answer.
own_service_ready() {
  call GET "$own_url/health"
  own_health=$body
  seen="$own_url/health answers $status ${body:-$reason}"
  [ "$status" = 200 ] || own_health_says removed
}

# own_health_says WORD: looks for the JSON string, without the time that jq takes.
own_health_says() {
  case $own_health in *"\"$1\""*) return 0 ;; esac
  return 1
}

# url_of ID RAFT-ADDRESS: how to call that member: as declared, else on the cluster network.
url_of() {
  declared=$(declared_url "$service" "$1")
  echo "${declared:-https://${2%:*}:$(port_of "$service")}"
}

# ask_members URL: its list; sets $leader and its $leader_addr, this node's address $there, $role and whether it is $alive, and
# the $voters.
ask_members() {
  call GET "$1/admin/cluster/members"
  if [ "$status" != 200 ]; then
    seen="$1 answers $status ${body:-$reason}"
    return 1
  fi
  # shellcheck disable=SC2016 # these are jq's variables
  read -r leader leader_addr there role alive voters <<END
$(fields --arg id "$node_id" '
    (.leader // "-") as $leader
    | (first(.members[] | select(.id == $leader)) // {}) as $its
    | (first(.members[] | select(.id == $id)) // {}) as $own
    | "\($leader) \($its.raft_addr // "-") \($own.raft_addr // "-") \($own.role // "-") \($own.healthy == true) "
      + ([.members[] | select(.role != "learner") | .id] | join(", "))')
END
  if [ "$leader" = - ]; then
    seen="$1 knows of no leader"
    return 1
  fi
}

# to_be_added: the service here runs no member; it waits to be added, for the first time or again.
to_be_added() { own_health_says waiting || own_health_says removed; }

# refuse_copy: a member that is healthy under this node's name, while the service here waits to be added, is another machine. This
# one may be a copy of it, as of its disk, and must not touch its membership.
refuse_copy() {
  [ "$alive" = true ] && to_be_added || return 0
  # It may have been added since the last look at it.
  own_service_ready && to_be_added || return 0
  fail 1 "$service has a healthy member $node_id at $there, which is not this machine: two machines claim to be $node_id" \
    "switch this machine off if it is a copy; if it is to be another node, declare it as that (own name and addresses) and install it with pulumi up"
}

# leaders_list: asks any member who leads, and then the leader for its own list. Sets $leader_url.
leaders_list() {
  seen="no member of $service answers"
  for url in ${leader_url:+"$leader_url"} "$own_url" $(member_urls "$service"); do
    ask_members "$url" || continue
    refuse_copy
    leader_url=$(url_of "$leader" "$leader_addr")
    if [ "$leader" = "$node_id" ]; then leader_url=$own_url; fi
    [ "$url" != "$leader_url" ] || return 0
    # Whoever is asked must agree that it leads, else its list may be old.
    believed=$leader
    ask_members "$leader_url" && [ "$leader" = "$believed" ] && return 0
  done
  leader_url=''
  return 1
}

# post PATH BODY: to the leader, following whoever points elsewhere (421). Sets $status and $body.
post() {
  post_url=$leader_url
  for _ in 1 2 3 4 5; do
    call POST "$post_url$1" "$2"
    [ "$status" = 421 ] || return 0
    hint=$(fields '.leader_url // "-"')
    [ "$hint" != - ] || return 0
    say "$post_url is not the leader, and points to $hint"
    post_url=$hint
  done
}

add_myself() {
  say "asking the leader at $leader_url to add $node_id at $raft_addr"
  post /admin/member/add "{\"id\":\"$node_id\",\"raft_addr\":\"$raft_addr\"}"
  seen="the leader answers $status ${body:-$reason}"
  case $status in
    200 | 201) say "added" ;;
    409)
      there_id=$(fields '.id // "-"') there_addr=$(fields '.raft_addr // "-"')
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

# remove_lost: this node is listed, but started without its data; its old membership must end before it joins anew. A member that
# is only busy may miss a look: whoever is taken out was not healthy in three.
lost_looks=0
remove_lost() {
  lost_looks=$((lost_looks + 1))
  seen="$service lists $node_id, whose data is gone here"
  [ "$lost_looks" -ge 3 ] || return 0
  say "$seen: removing it before it is added again"
  post /admin/member/remove "{\"id\":\"$node_id\"}"
  seen="the leader answers $status ${body:-$reason} to the removal"
  case $status in 200 | 404) ;; *) progress "$seen" ;; esac
}

# joined: true when the leader lists this node as a voter; does what is missing otherwise.
joined() {
  leaders_list || return 1
  if own_health_says lost; then
    remove_lost
    return 1
  fi
  case $there in
    "$raft_addr") ;;
    -)
      seen="$leader does not list $node_id"
      # A bootstrap node is a member from the start; only where it waits to be added is there something to ask for.
      if [ "$bootstrap" = false ] || to_be_added; then add_myself; fi
      return 1
      ;;
    *)
      fail 1 "$service lists $node_id at $there, but it is configured for $raft_addr" \
        "remove the member $node_id and run this again, or set its cluster address back"
      ;;
  esac
  seen="$node_id is listed as a $role"
  [ "$role" = leader ] || [ "$role" = follower ]
}

# joined_and_ready: looks at this node's own service first, except where that was done a moment ago.
fresh=true
joined_and_ready() {
  if ! "$fresh"; then own_service_ready || return 1; fi
  fresh=false
  joined
}

wait_until "a healthy $service on this node" "look at systemctl status $service and journalctl -u $service; a bootstrap node needs most of the others to be up" own_service_ready
wait_until "$node_id to be a voter of $service" "look at the leader's journal (journalctl -u $service), and whether the nodes reach each other on the cluster network" joined_and_ready
set_marker "$marker"
say "$node_id is a $role of $service, led by $leader ($voters)"
