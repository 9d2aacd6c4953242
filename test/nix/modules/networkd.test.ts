// limit: 2000 s
import assert from "node:assert/strict";
import { CHECKOUT, evaluateNode, nodeEntry } from "../nix-evaluation.js";
import { prepareTrialMachine, TrialMachine } from "../trial-machine.js";

const CARD = "52:54:00:00:00:01";
const SECOND = "52:54:00:00:01:01";
const CABLES = [
  { mac: CARD, peer: "52:54:00:ff:00:00" },
  { mac: SECOND, peer: "52:54:00:ff:00:01" },
];
const PROVISIONING = { mac: CARD, address: "10.0.100.50", prefixLength: 24 };
const CLUSTER = { mac: SECOND, address: "10.0.200.10", prefixLength: 24 };
const bond = (mode: string) => ({ members: [CARD, SECOND], mode });

interface Case {
  name: string;
  networks: object;
  /** Makes the other ends of the cables (p0, p1) the network, in the namespace "switch". */
  network: string;
  /** What is looked at once networkd says that the node is online. */
  look: string;
}

const CASES: Case[] = [
  {
    name: "static",
    networks: { provisioning: { ...PROVISIONING, gateway: "10.0.100.1" }, cluster: { ...CLUSTER, mtu: 9000 } },
    network: "address 10.0.100.1/24 p0; mtu 9000 p1; address 10.0.200.1/24 p1",
    look: "reach 10.0.100.1 1400; reach 10.0.200.1 8900; ip route show default",
  },
  {
    name: "dhcp",
    networks: { provisioning: { ...PROVISIONING, dhcp: true }, cluster: CLUSTER },
    network: `address 10.0.100.1/24 p0; address 10.0.200.1/24 p1
on_switch dnsmasq --port=0 --interface=p0 --bind-interfaces --user=root --dhcp-leasefile=/run/leases --pid-file=/run/dnsmasq.pid \
  --dhcp-range=10.0.100.200,10.0.100.210,1h --dhcp-host=${CARD},10.0.100.50 --dhcp-option=3,10.0.100.1`,
    look: "reach 10.0.100.1 1400; cut -d' ' -f2-5 /run/leases; ip route show default; kill $(cat /run/dnsmasq.pid)",
  },
  {
    name: "active-backup",
    networks: {
      provisioning: { ...PROVISIONING, bond: bond("active-backup") },
      cluster: { ...CLUSTER, mac: CARD, bond: bond("active-backup"), vlan: 200, mtu: 9000 },
    },
    network: `on_switch ip link add lan type bridge
for end in p0 p1; do mtu 9000 $end; on_switch ip link set $end master lan; done
on_switch ip link set lan up; address 10.0.100.1/24 lan
on_switch ip link add link lan name lan.200 type vlan id 200; address 10.0.200.1/24 lan.200`,
    look: `reach 10.0.100.1 1400; reach 10.0.200.1 8900
ip link set $(cat /sys/class/net/bond0/bonding/active_slave) down
reach 10.0.100.1 1400; reach 10.0.200.1 8900`,
  },
  {
    name: "802.3ad",
    networks: {
      provisioning: { ...PROVISIONING, bond: bond("802.3ad"), vlan: 100 },
      cluster: { ...CLUSTER, mac: CARD, bond: bond("802.3ad"), vlan: 200 },
    },
    network: `on_switch ip link add lag type bond mode 802.3ad miimon 100 lacp_rate fast
for end in p0 p1; do on_switch ip link set $end down; on_switch ip link set $end master lag; done
on_switch ip link set lag up
for tag in 100 200; do on_switch ip link add link lag name lag.$tag type vlan id $tag; address 10.0.$tag.1/24 lag.$tag; done`,
    look: `reach 10.0.100.1 1400; reach 10.0.200.1 1400
for try in $(seq 20); do grep -q "Number of ports: 2" /proc/net/bonding/bond0 && break; sleep 1; done
grep -o "Number of ports: .*" /proc/net/bonding/bond0`,
  },
];

/** Unit files of a node with these networks, by name, as the rack's systems have them. */
async function unitFiles(networks: object): Promise<Record<string, string>> {
  const select = `config:
    let
      units = import ${CHECKOUT}/lab/systems/lib/units.nix { inherit lib; };
      empty = names: builtins.listToAttrs (map (name: { inherit name; value = { }; }) names);
      network = empty [ "matchConfig" "linkConfig" "networkConfig" "dhcpV4Config" ];
      netdev = empty [ "netdevConfig" "vlanConfig" "bondConfig" ];
      named = kind: render: defaults: lib.mapAttrs' (name: it: { name = "\${name}.\${kind}"; value = render (defaults // it); });
    in
    named "network" units.network network config.systemd.network.networks
    // named "netdev" units.netdev netdev config.systemd.network.netdevs`;
  return (await evaluateNode(select, nodeEntry(1, { networks }))) as Record<string, string>;
}

const SCRIPT = `
on_switch() { ip netns exec switch "$@"; }
address() { on_switch ip address add "$1" dev "$2"; on_switch ip link set "$2" up; }
mtu() { on_switch ip link set "$2" mtu "$1"; on_switch ip link set "$2" up; }
# A card by its address; MAC NAME [NAMESPACE]
plug() {
  local was
  was=$(ip -o link | sed -n "s/^[0-9]*: \\([^:@]*\\).*permaddr $1.*/\\1/p;s/^[0-9]*: \\([^:@]*\\).*link\\/ether $1.*/\\1/p" | head -n 1)
  ip link set "$was" down
  ip link set "$was" name "$2"
  [ $# = 2 ] || ip link set "$2" netns "$3"
}
reach() { # ADDRESS BYTES
  for try in $(seq 25); do ping -c 1 -W 1 -s "$2" "$1" > /dev/null 2>&1 && echo "reaches $1 with $2 bytes" && return; done
  echo "does not reach $1 with $2 bytes"
}
export NO_COLOR=1 SYSTEMD_COLORS=0
ip() { command ip -color=never "$@"; }
echo 11111111222233334444555555555555 > /etc/machine-id
ip link set lo up
ip netns add switch
plug ${CABLES[0]?.mac} c0; plug ${CABLES[1]?.mac} c1
for name in $(ls /case/networks); do
  echo "== $name"
  ip netns delete switch 2> /dev/null
  # The kernel gives a namespace's cards back when it comes to it.
  for try in $(seq 50); do [ "$(ip -o link | grep -c "52:54:00:ff:00:0")" = 2 ] && break; sleep 0.2; done
  ip netns add switch
  plug ${CABLES[0]?.peer} p0 switch; plug ${CABLES[1]?.peer} p1 switch
  . "/case/switch/$name"
  rm -rf /etc/systemd/network /run/systemd/netif
  mkdir -p /etc/systemd /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp
  chown -R systemd-network:systemd-network /run/systemd/netif
  cp -r "/case/networks/$name" /etc/systemd/network
  chmod 644 /etc/systemd/network/*
  /usr/lib/systemd/systemd-networkd > /run/networkd.log 2>&1 &
  networkd=$!
  /usr/lib/systemd/systemd-networkd-wait-online --timeout=60 2> /run/online.log && echo online
  . "/case/look/$name"
  ip -o -4 address show scope global | sed 's/^[0-9]*: \\([^ ]*\\) *inet \\([^ ]*\\).*/address \\1 \\2/' | sort
  ip -o link | sed -n 's/^[0-9]*: \\([^:@]*\\)[:@].* mtu \\([0-9]*\\) .*link.ether \\([^ ]*\\).*/link \\1 \\2 \\3/p' | sort
  echo "== log of $name"; cat /run/networkd.log /run/online.log; ip -d address; ip route; cat /proc/net/bonding/* 2> /dev/null
  kill "$networkd"; wait "$networkd"
  for device in $(ls /sys/class/net); do case $device in vlan* | bond?) ip link delete "$device" ;; esac; done
  for card in c0 c1; do ip address flush dev "$card"; ip link set "$card" down mtu 1500; done
done
`;

describe("A node's networks, as systemd-networkd makes them on cards", function () {
  this.timeout(390_000);
  let output = "";
  const said = (name: string) => (output.split(`== ${name}\n`)[1] ?? "").split("\n== ")[0]?.split("\n") ?? [];

  before(async function () {
    this.timeout(980_000); // the machine's packages are fetched where they are not there yet
    const made = await prepareTrialMachine();
    const files: Record<string, string> = {};
    for (const { name, networks, network, look } of CASES) {
      for (const [file, text] of Object.entries(await unitFiles(networks))) files[`networks/${name}/${file}`] = text;
      Object.assign(files, { [`switch/${name}`]: network, [`look/${name}`]: look });
    }
    const machine = new TrialMachine(made, [], CABLES, 380);
    try {
      ({ output } = await machine.run({ ...files, run: SCRIPT }));
    } finally {
      machine.remove();
    }
  });

  it("two cards with static addresses: each by its MAC, with its own MTU, and one default route", () => {
    assert.deepEqual(
      said("static"),
      [
        "online",
        "reaches 10.0.100.1 with 1400 bytes",
        "reaches 10.0.200.1 with 8900 bytes",
        "default via 10.0.100.1 dev c0 proto static ",
        "address c0 10.0.100.50/24",
        "address c1 10.0.200.10/24",
        `link c0 1500 ${CARD}`,
        `link c1 9000 ${SECOND}`,
      ],
      output,
    );
  });

  it("by DHCP: the client id is the MAC address, and the address is the one that is kept for it", () => {
    assert.deepEqual(
      said("dhcp"),
      [
        "online",
        "reaches 10.0.100.1 with 1400 bytes",
        `${CARD} 10.0.100.50 * 01:${CARD}`,
        "default via 10.0.100.1 dev c0 proto dhcp src 10.0.100.50 metric 1024 ",
        "address c0 10.0.100.50/24",
        "address c1 10.0.200.10/24",
        `link c0 1500 ${CARD}`,
        `link c1 1500 ${SECOND}`,
      ],
      output,
    );
  });

  it("a bond of two cards, with a VLAN on it: goes on over the other card when one goes down", () => {
    assert.deepEqual(
      said("active-backup"),
      [
        "online",
        ...Array(2).fill(["reaches 10.0.100.1 with 1400 bytes", "reaches 10.0.200.1 with 8900 bytes"]).flat(),
        "address bond0 10.0.100.50/24",
        "address vlan200 10.0.200.10/24",
        `link bond0 9000 ${CARD}`,
        `link c0 9000 ${CARD}`,
        `link c1 9000 ${CARD}`,
        `link vlan200 9000 ${CARD}`,
      ],
      output,
    );
  });

  it("LACP, with every network in a VLAN: both cards carry", () => {
    assert.deepEqual(
      said("802.3ad"),
      [
        "online",
        "reaches 10.0.100.1 with 1400 bytes",
        "reaches 10.0.200.1 with 1400 bytes",
        "Number of ports: 2",
        "address vlan100 10.0.100.50/24",
        "address vlan200 10.0.200.10/24",
        `link bond0 1500 ${CARD}`,
        `link c0 1500 ${CARD}`,
        `link c1 1500 ${CARD}`,
        `link vlan100 1500 ${CARD}`,
        `link vlan200 1500 ${CARD}`,
      ],
      output,
    );
  });
});
