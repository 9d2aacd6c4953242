/**
 * A lock that expires by itself, as a file: `$1` its path, `$2` take, keep or free, `$3` the holder's token, `$4` seconds
 * until it expires, `$5` who and what for (one line), `$6` the token of a holder whose lock may be taken over.
 * Prints "held TOKEN SECONDS", and the holder's line, when somebody else has it. Below /run, a restart clears it. It counts by the
 * time since the host was started, which no correction of its clock changes; an expiry far ahead is of an earlier start.
 * Who had it last stays beside it: whoever comes back to an expired lock may keep it only if nobody has worked since.
 */
export const LOCK = `set -eu
path=$1 action=$2 token=$3 seconds=$4 line=$5 over=$6
mkdir -p -m 0755 -- "\${path%/*}"
umask 022
exec 9>> "$path.guard"
flock 9
read -r now _ < /proc/uptime
now=\${now%%.*}
holder= expires=0 who=
if [ -s "$path" ]; then { read -r holder; read -r expires; IFS= read -r who; } < "$path" || :; fi
last= worked=
if [ -s "$path.guard" ]; then { read -r last; IFS= read -r worked; } < "$path.guard" || :; fi
case $expires in ''|*[!0-9]*) expires=0 ;; esac
[ "$((expires - now))" -le "$((seconds * 10))" ] || expires=0
if [ "$holder" != "$token" ] && [ "$holder" != "$over" ] && [ "$expires" -gt "$now" ]; then
  printf 'held %s %s\\n%s\\n' "$holder" "$((expires - now))" "$who"
  exit 0
fi
if [ "$action" = keep ] && [ -n "$last" ] && [ "$last" != "$token" ]; then
  printf 'held %s 0\\n%s\\n' "$last" "$worked"
  exit 0
fi
if [ "$action" = free ]; then
  [ "$holder" != "$token" ] || rm -f -- "$path"
else
  [ "$last" = "$token" ] || printf '%s\\n%s\\n' "$token" "$line" > "$path.guard"
  printf '%s\\n%s\\n%s\\n' "$token" "$((now + seconds))" "$line" > "$path.new"
  mv -f -- "$path.new" "$path"
fi
echo yours
`;
