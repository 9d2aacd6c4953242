#!/bin/sh
# Checks the cluster from this node: cluster-health-check.sh SERVICE… (those of this node; default: all four)
# Chainfire and FlareDB have a leader and a quorum, IAM is reachable, every health endpoint of this node answers 200. Repeats
# until all is well or the deadline passes (FLINT_DEADLINE=0: one look). See README.md.
set -eu
script="cluster-health-check"
# shellcheck source-path=SCRIPTDIR source=api.sh
. "$(dirname "$0")/api.sh"

[ $# -gt 0 ] || set -- chainfire flaredb iam plasmavmc
for service; do
  port_of "$service" >/dev/null || fail 2 "$service is not one of chainfire, flaredb, iam, plasmavmc" "name the services of this node"
done
services=" $* "
read_configuration
start_clock "${FLINT_DEADLINE:-300}"

# urls_of SERVICE: this node's first where it runs the service, then the initial members'.
urls_of() {
  case $services in *" $1 "*) local_url "$1" ;; esac
  member_urls "$1"
}

note() {
  report="$report
$1"
}

trouble() {
  note "  NOT OK  $1"
  well=false
}

check_health() {
  call GET "$(local_url "$1")/health"
  if [ "$status" = 200 ]; then
    note "  ok      $1: healthy here"
    healthy_here="$healthy_here$1 "
  else
    trouble "$1: health here answers $status ${body:-$reason}"
  fi
}

# check_quorum SERVICE: by the first list that names a leader.
check_quorum() {
  lead=-
  for url in $(urls_of "$1"); do
    call GET "$url/admin/cluster/members"
    [ "$status" = 200 ] || continue
    # shellcheck disable=SC2016 # these are jq's variables
    # A service that does not tell its members' health is judged by having a leader, which takes a quorum.
    read -r lead up voters <<END
$(fields '[.members[] | select(.role != "learner")] as $voters
    | "\(.leader // "-") \($voters | map(select(.healthy != false)) | length) \($voters | length)"')
END
    [ "$lead" = - ] || break
  done
  if [ "$lead" = - ]; then
    trouble "$1: no member answers with a leader"
  elif [ $((up * 2)) -gt "$voters" ]; then
    note "  ok      $1: led by $lead, $up of $voters voters healthy, quorum $((voters / 2 + 1))"
  else
    trouble "$1: $up of $voters voters healthy, quorum $((voters / 2 + 1))"
  fi
}

# check_iam: any IAM will do, and this node's own has been asked already.
check_iam() {
  case $healthy_here in *" iam "*) return 0 ;; esac
  seen="nobody runs it"
  for url in $(urls_of iam); do
    call GET "$url/health"
    [ "$status" = 200 ] && { note "  ok      iam: reachable at $url"; return 0; }
    seen="$url/health answers $status ${body:-$reason}"
  done
  trouble "iam: not reachable; $seen"
}

look() {
  report='' well=true call_timeout=15 healthy_here=' '
  for service in $services; do check_health "$service"; done
  check_quorum chainfire
  check_quorum flaredb
  check_iam
}

look
until "$well"; do
  progress "not yet healthy:$report"
  before_deadline || fail 75 "the cluster is not healthy from $node_id after $deadline s:$report" "look at the journals of the services named NOT OK (journalctl -u NAME), on the nodes concerned"
  look
done
say "the cluster is healthy from $node_id:$report"
