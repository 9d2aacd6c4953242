/**
 * Asks the network for an address as an unknown machine would, and prints the servers that offer one: a line
 * `offer <server> <address>` each, then `done`. Takes no address: it never sends a request.
 * Arguments: interface, seconds to wait. Perl, because every Debian has it.
 */
export const DHCP_PROBE = String.raw`use strict;
use warnings;
use Socket qw(:DEFAULT IPPROTO_UDP);
my ($interface, $seconds) = @ARGV;
socket(my $s, PF_INET, SOCK_DGRAM, IPPROTO_UDP) or die "socket: $!\n";
setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
setsockopt($s, SOL_SOCKET, SO_BROADCAST, 1) or die "broadcast: $!\n";
# 25 is SO_BINDTODEVICE on Linux.
setsockopt($s, SOL_SOCKET, 25, pack("Z*", $interface)) or die "$interface: $!\n";
bind($s, sockaddr_in(68, INADDR_ANY)) or die "port 68: $!\n";
my $xid = pack("N", int(rand(2**32)));
# A locally administered address that belongs to nobody.
my $mac = pack("C6", 0x02, map { int(rand(256)) } 1 .. 5);
# Broadcast flag: the answer comes to everybody, because this address has no card.
my $discover = pack("C4", 1, 1, 6, 0) . $xid . pack("n2", 0, 0x8000) . ("\0" x 16) . $mac . ("\0" x 10) . ("\0" x 192)
  . pack("C4", 99, 130, 83, 99) . pack("C3", 53, 1, 1) . pack("C4", 55, 2, 1, 54) . pack("C", 255);
$discover .= "\0" x (300 - length $discover) if length $discover < 300;
my $end = time() + $seconds;
my $resend = 0;
my %seen;
while ((my $left = $end - time()) > 0) {
  if (time() >= $resend) {
    send($s, $discover, 0, sockaddr_in(67, INADDR_BROADCAST)) or die "send: $!\n";
    $resend = time() + 1;
  }
  my $read = "";
  vec($read, fileno($s), 1) = 1;
  select($read, undef, undef, 0.2) or next;
  my $from = recv($s, my $packet, 1500, 0) or next;
  next if length($packet) < 241 or substr($packet, 4, 4) ne $xid or ord($packet) != 2;
  my ($at, $type, $server) = (240, 0, "");
  while ($at < length $packet) {
    my $code = ord substr($packet, $at, 1);
    last if $code == 255;
    if ($code == 0) { $at++; next }
    my $length = ord substr($packet, $at + 1, 1);
    my $value = substr($packet, $at + 2, $length);
    $type = ord $value if $code == 53;
    $server = inet_ntoa($value) if $code == 54 and $length == 4;
    $at += 2 + $length;
  }
  next if $type != 2;
  my ($port, $source) = sockaddr_in($from);
  $server = inet_ntoa($source) if $server eq "";
  my $offered = inet_ntoa(substr($packet, 16, 4));
  # A ProxyDHCP server offers no address.
  next if $offered eq "0.0.0.0";
  print "offer $server $offered\n" unless $seen{$server}++;
}
print "done\n";
`;
