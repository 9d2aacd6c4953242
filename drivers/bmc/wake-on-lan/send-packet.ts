import type { SshSession } from "../../ssh/target.js";
import { notSent } from "./errors.js";
import { magicPacket } from "./magic-packet.js";

/** UDP "discard": what listens there, if anything does, throws it away. The card looks at any frame's content. */
const PORT = 9;
/** Nobody confirms a packet, and switches lose some while a card changes its speed. */
const TIMES = 3;
const DEADLINE_MS = 20_000;

/**
 * Sends a packet, given as hex, to everybody in one network. Bound to an address of ours, a limited broadcast leaves through
 * that address' card, whatever the routes say (Linux, ip_route_output_key). Arguments: own address, port, packet, times.
 * Perl, because every Debian has it.
 */
export const SEND_PACKET = String.raw`use strict;
use warnings;
use Socket qw(:DEFAULT IPPROTO_UDP);
my ($from, $port, $packet, $times) = @ARGV;
socket(my $s, PF_INET, SOCK_DGRAM, IPPROTO_UDP) or die "socket: $!\n";
setsockopt($s, SOL_SOCKET, SO_BROADCAST, 1) or die "broadcast: $!\n";
bind($s, sockaddr_in(0, inet_aton($from))) or die "$from: $!\n";
for my $time (1 .. $times) {
  select(undef, undef, undef, 0.2) if $time > 1;
  send($s, pack("H*", $packet), 0, sockaddr_in($port, INADDR_BROADCAST)) or die "send: $!\n";
}
`;

/** Wakes a card from the provisioning host. @throws FlintError `WAKE_NOT_SENT`. */
export async function sendMagicPacket(
  host: Pick<SshSession, "target" | "exec">,
  machine: string,
  { mac, from }: { mac: string; from: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { code, stderr } = await host.exec(
    ["perl", "-", from, String(PORT), magicPacket(mac).toString("hex"), String(TIMES)],
    {
      stdin: SEND_PACKET,
      okCodes: [...Array(256).keys()],
      deadlineMs: DEADLINE_MS,
      label: "magic packet",
      ...(signal === undefined ? {} : { signal }),
    },
  );
  if (code !== 0) throw notSent(machine, host.target.name, stderr.trim().split("\n").at(-1) || `exit code ${code}`);
}
