# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # $script and $seen are set by the scripts that read this; $status and others are theirs
# The node's configuration and its calls to services. Read by the scripts beside it, which set $script before.

config=${FLINT_CLUSTER_CONFIG:-/etc/nixos/secrets/cluster-config.json}
tls=${FLINT_TLS_DIR:-/etc/nixos/secrets}
state_dir=${FLINT_STATE_DIR:-/var/lib/flint}
local_address=${FLINT_LOCAL_ADDRESS:-127.0.0.1}
interval=${FLINT_INTERVAL:-1}
seen=nothing

# say TEXT…: one line for the journal.
say() { printf '%s: %s\n' "$script" "$*" >&2; }

# fail EXIT-CODE WHAT REMEDY: ends the script.
fail() {
  say "$2"
  say "remedy: $3"
  exit "$1"
}

# progress TEXT…: like say, but not the same line twice in a row.
progress() {
  [ "$*" = "${last_progress-}" ] || say "$*"
  last_progress=$*
}

# read_configuration: sets $node_id, $bootstrap, $chainfire_addr, $flaredb_addr ("-" where there is none) and $table, one line
# for each known API: SERVICE ID URL (ID "@" for the declared leader). Everything is checked before anything is called, so
# that a broken file is not taken for a broken network. One jq for all: it takes long to start on an emulated machine.
read_configuration() {
  for need in curl jq; do
    command -v "$need" >/dev/null || fail 2 "$need is not in PATH" "add $need to the unit's path"
  done
  for need in "$config" "$tls/ca.crt" "$tls/node.crt" "$tls/node.key"; do
    [ -r "$need" ] || fail 2 "$need cannot be read" "deploy the node's secrets again (pulumi up)"
  done
  table=$(jq -er --arg chainfire "$(port_of chainfire)" --arg flaredb "$(port_of flaredb)" --arg iam "$(port_of iam)" '
    def word: if type == "string" and test("^[A-Za-z0-9._:/\\[\\]-]+$") then . elif . == null then "-" else error("not a name or address: \(.)") end;
    def on($port): "https://" + (.raft_addr | sub(":[0-9]+$"; "")) + ":" + $port;
    "\(.node_id // error("node_id is missing") | word) \(.bootstrap == true) \(.raft_addr | word) \(.flaredb.raft_addr | word)",
    "chainfire @ \(.leader_url | word)", "flaredb @ \(.flaredb.leader_url | word)",
    (.initial_members[]? | (.id | word) as $id
      | "chainfire \($id) \(.api_url // on($chainfire) | word)",
        "flaredb \($id) \(.flaredb_api_url // on($flaredb) | word)",
        "iam \($id) \(.iam_url // on($iam) | word)")' "$config" 2>&1) ||
    fail 2 "$config: $table" "deploy the node's secrets again (pulumi up)"
  read -r node_id bootstrap chainfire_addr flaredb_addr <<END
$table
END
}

# port_of SERVICE: the port of its API, on every node.
port_of() {
  case $1 in
    chainfire) echo "${FLINT_CHAINFIRE_PORT:-2379}" ;;
    flaredb) echo "${FLINT_FLAREDB_PORT:-2479}" ;;
    iam) echo "${FLINT_IAM_PORT:-8080}" ;;
    plasmavmc) echo "${FLINT_PLASMAVMC_PORT:-8081}" ;;
    *) return 1 ;;
  esac
}

local_url() { echo "https://$local_address:$(port_of "$1")"; }

# member_urls SERVICE: its API on the declared leader and on every initial member, one a line, this node left out.
member_urls() {
  own=$(declared_url "$1" "$node_id")
  listed=" - $own "
  while read -r of _ url; do
    [ "$of" = "$1" ] || continue
    case $listed in *" $url "*) continue ;; esac
    listed="$listed$url "
    echo "$url"
  done <<END
$table
END
}

# declared_url SERVICE ID: its API on an initial member; nothing for others.
declared_url() {
  while read -r of id url; do
    if [ "$of $id" = "$1 $2" ]; then echo "$url"; fi
  done <<END
$table
END
}

# call METHOD URL [BODY]: sets $status (000 without an answer), $body, and $reason (why there was none).
call() {
  # The body goes through stdin: nothing of it in the process list.
  answer=$(printf '%s' "${3-}" | curl --silent --max-time "${call_timeout:-10}" --connect-timeout 4 \
    --cacert "$tls/ca.crt" --cert "$tls/node.crt" --key "$tls/node.key" \
    --location --max-redirs 5 --proto-redir =https \
    --request "$1" ${3+--header 'Content-Type: application/json' --data-binary @-} \
    --write-out '\n%{http_code} %{errormsg}' "$2") || true
  last_line=${answer##*"
"}
  body=${answer%"
"*}
  body=${body%"
"}
  status=${last_line%% *}
  reason=${last_line#* }
  # The usual cause is a clock that nobody has set: it is said, for comparison.
  case $reason in *'not yet valid'* | *'has expired'*) reason="$reason; the clock of this node says $(date -u '+%Y-%m-%d %H:%M UTC')" ;; esac
}

# fields FILTER [ARGUMENTS OF JQ…]: what the filter finds in the last answer; "-" when the answer is not as expected.
fields() { printf '%s' "$body" | jq -r "$@" 2>/dev/null || echo -; }

start_clock() {
  deadline=$1
  looked_at=$(date +%s)
  deadline_at=$((looked_at + $1))
}

# before_deadline: pauses, and is false when the time is over. Slow answers come from busy machines: the pause is then twice
# as long as the last look took (at most 15 s), or all nodes asking all others would keep each other busy.
before_deadline() {
  now=$(date +%s)
  [ "$now" -lt "$deadline_at" ] || return 1
  took=$((now - looked_at))
  if [ "$took" -gt 7 ]; then
    sleep 15
  elif [ "$took" -gt 1 ]; then
    sleep $((took * 2))
  else
    sleep "$interval"
  fi
  looked_at=$(date +%s)
}

# wait_until WHAT REMEDY COMMAND…: repeats COMMAND until it succeeds. COMMAND sets $seen to what it saw.
wait_until() {
  what=$1 remedy=$2
  shift 2
  until "$@"; do
    progress "waiting for $what: $seen"
    before_deadline || fail 75 "$what did not come within $deadline s; last seen: $seen" "$remedy"
  done
}

# set_marker NAME: the step is done for good. Readers see the whole file or none.
set_marker() {
  mkdir -p "$state_dir"
  date -u +%Y-%m-%dT%H:%M:%SZ >"$state_dir/$1.new"
  mv "$state_dir/$1.new" "$state_dir/$1"
}
