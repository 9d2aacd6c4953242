import type { WireEvent } from "../wire/parse-wire.js";
import { WireReader } from "../wire/wire-reader.js";

/** An event on the wire with its time (milliseconds since 1970, UTC). */
export interface Timed {
  at: number;
  event: WireEvent;
}

/** What the provisioning host holds of one node's boots: its logs, its clock, when the record was written. */
export interface HostLogs {
  /** The host's own clock, milliseconds since 1970. */
  now: number;
  /** When the node's record was written last; absent where there is none. */
  recordAt?: number;
  events: Timed[];
}

/**
 * Arguments: Flint's directory, MAC, address, node. Prints the clock, the record's age, and of the logs' last 4 MB the lines that
 * are about this machine, at most some hundreds of each. dnsmasq writes a packet's options before its message, which alone
 * has the MAC: they are held until it comes.
 */
export const READ_LOGS = `
date '+now %s %Y %z'
stat -c 'record %Y' "$1/nodes/$4/record.json" 2>/dev/null
tail -c 4000000 "$1/log/dnsmasq.log" 2>/dev/null | awk -v mac="$2" -v address="$3" '
  /dnsmasq-dhcp.*: [0-9]+ available DHCP/ { held = $0 "\\n"; next }
  /dnsmasq-dhcp.*: [0-9]+ (vendor|user) class/ { held = held $0 "\\n"; next }
  / (DHCP[A-Z]+|PXE)\\(/ { if (index(tolower($0), mac)) printf "%s%s\\n", held, $0; held = "" }
  /dnsmasq-tftp/ && $NF == address
' | tail -n 800
tail -c 4000000 "$1/log/http.log" 2>/dev/null | grep -F "\\"ip\\":\\"$3\\"" | tail -n 400
exit 0
`;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const CLOCK = /^now (\d+) (\d{4}) ([+-])(\d\d)(\d\d)$/;
const STAMP = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) /;
const DAY = 86_400_000;

interface Clock {
  now: number;
  year: number;
  /** Milliseconds that local time is ahead of UTC. */
  ahead: number;
}

/** Reads what `READ_LOGS` prints; undefined where it is something else. */
export function parseLogs(text: string): HostLogs | undefined {
  const lines = text.split("\n");
  const clock = parseClock(lines[0] ?? "");
  if (clock === undefined) return undefined;
  const reader = new WireReader();
  const events: Timed[] = [];
  let recordAt: number | undefined;
  for (const line of lines.slice(1)) {
    const record = /^record (\d+)$/.exec(line)?.[1];
    if (record !== undefined) recordAt = Number(record) * 1000;
    const event = reader.read(line);
    const at = event === undefined ? undefined : timeOf(line, clock);
    if (event !== undefined && at !== undefined) events.push({ at, event });
  }
  // Two logs, of which one tells whole seconds: what follows in one of them stays in its order.
  events.sort((a, b) => a.at - b.at);
  return { now: clock.now, events, ...(recordAt === undefined ? {} : { recordAt }) };
}

function parseClock(line: string): Clock | undefined {
  const match = CLOCK.exec(line);
  if (match === null) return undefined;
  const [, now, year, sign, hours, minutes] = match;
  const ahead = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return { now: Number(now) * 1000, year: Number(year), ahead: sign === "-" ? -ahead : ahead };
}

/** A line's time: nginx writes it whole, dnsmasq in local time and without a year. */
function timeOf(line: string, { now, year, ahead }: Clock): number | undefined {
  const whole = /"msec":(\d+\.\d+)/.exec(line)?.[1];
  if (whole !== undefined) return Math.round(Number(whole) * 1000);
  const match = STAMP.exec(line);
  const month = MONTHS.indexOf(match?.[1] ?? "");
  if (match === null || month < 0) return undefined;
  const [day, hour, minute, second] = match.slice(2).map(Number);
  const inYear = (which: number) => Date.UTC(which, month, day, hour, minute, second) - ahead;
  const at = inYear(year);
  return at > now + DAY ? inYear(year - 1) : at;
}
