import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { parseIptables } from "../../../../providers/pxe-server/firewall/parse-iptables.js";
import { parseNftables } from "../../../../providers/pxe-server/firewall/parse-nftables.js";
import { closedByFirewall, type FirewallSeen, hidesOffers } from "../../../../providers/pxe-server/firewall/refusal.js";
import { blockedBy, type Table } from "../../../../providers/pxe-server/firewall/ruleset.js";
import { sample } from "../sample.js";

/** As the real programs printed it: `ufw enable`, firewalld's zones, a file of one's own. */
const DIRECTORY = resolve(__dirname, "../../../../../test/providers/pxe-server/firewall");
const printed = (name: string) => readFileSync(join(DIRECTORY, name), "utf8");
const ufw = printed("ufw.iptables-save").split("\n");
const nft = (name: string) => parseNftables(printed(name), { iptables: false });
const iptables = (lines: readonly string[]): Table[] => [parseIptables(lines) ?? new Map()];

const udp = (port: number, device = "eth1") => ({ device, protocol: "udp", port }) as const;
const tcp = (port: number, device = "eth1") => ({ device, protocol: "tcp", port }) as const;

describe("a firewall's rules", () => {
  it("of ufw: everything is closed but what was allowed", () => {
    assert.equal(blockedBy(iptables(ufw), udp(67)), "iptables' rule `-A ufw-skip-to-policy-input -j DROP`");
    assert.equal(blockedBy(iptables(ufw), tcp(80)), "the policy DROP of iptables' chain INPUT");
    assert.equal(blockedBy(iptables(ufw), tcp(22)), undefined);
    assert.equal(blockedBy(iptables(ufw), udp(67, "lo")), undefined);
    // As `ufw allow in on eth1 proto udp to any port 67,69` wrote it.
    const allowed = [
      "-A ufw-user-input -i eth1 -p udp -m multiport --dports 67,69 -j ACCEPT",
      "-A ufw-user-input -i eth1 -p tcp -m tcp --dport 80 -j ACCEPT",
    ];
    const open = iptables(ufw.flatMap((line) => (line === "COMMIT" ? [...allowed, line] : line)));
    for (const packet of [udp(67), udp(69), tcp(80)]) assert.equal(blockedBy(open, packet), undefined);
    assert.notEqual(blockedBy(open, udp(67, "eth2")), undefined);
  });

  it("of firewalld: by the zone of the interface", () => {
    const rule = "nftables' rule with handle 25 in chain inet firewalld filter_IN_public";
    assert.equal(blockedBy(nft("firewalld.nft-json"), udp(67)), rule);
    assert.equal(blockedBy(nft("firewalld.nft-json"), tcp(22)), undefined);
    assert.equal(blockedBy(nft("firewalld.nft-json"), udp(67, "eth0")), undefined);
  });

  it("of one's own: sets, ranges, tables of verdicts, wildcards, and chains for IPv6 that are nobody's business", () => {
    const tables = nft("own.nft-json");
    const policy = "the policy drop of nftables' chain inet filter input";
    const closed = [udp(67), tcp(80, "prov0"), udp(68, "lan0"), tcp(8101), tcp(69, "prov0")];
    for (const packet of closed) assert.equal(blockedBy(tables, packet), policy, JSON.stringify(packet));
    const dropped = "nftables' rule with handle 10 in chain inet filter input";
    assert.equal(blockedBy(tables, udp(67, "dmz0")), dropped);
    const open = [udp(67, "prov0"), udp(69, "prov0"), tcp(22), tcp(8050), udp(67, "lan3"), tcp(80, "lo")];
    for (const packet of open) assert.equal(blockedBy(tables, packet), undefined, JSON.stringify(packet));
    // It depends on the sender, or on a limit: that is not certainly closed.
    for (const packet of [tcp(443), udp(53)])
      assert.equal(blockedBy(tables, packet), undefined, JSON.stringify(packet));
  });

  it("that are iptables' are told by iptables, not by nftables, which does not understand them all", () => {
    const text = printed("own.nft-json").replaceAll('"family": "inet"', '"family": "ip"');
    assert.equal(parseNftables(text, { iptables: true }).length, 0);
    assert.equal(parseNftables(text, { iptables: false }).length, 1);
  });

  it("close nothing where there are none, or where they cannot be read", () => {
    assert.equal(parseIptables([]), undefined);
    assert.deepEqual(parseNftables("", { iptables: false }), []);
    assert.deepEqual(parseNftables(printed("own.nft-json").slice(0, 900), { iptables: false }), []);
    fc.assert(fc.property(fc.json(), (text) => parseNftables(text, { iptables: false }).length === 0));
  });

  const condition = fc
    .constantFrom(
      [
        "-i eth1",
        "-i eth+",
        "! -i lo",
        "-p udp",
        "-p udp -m udp --dport 67",
        "-p udp -m multiport --dports 60:70,80",
      ].concat(
        ["-m conntrack --ctstate NEW", "-m conntrack --ctstate ESTABLISHED", "-i eth2", "-p tcp", "-s 10.0.0.0/8", ""],
        ['-m comment --comment "-j ACCEPT"', "-m limit --limit 3/min", "! -p udp", "-p udp --dport :66"],
      ),
    )
    .chain((all) => fc.constantFrom(...all));
  const target = fc.constantFrom(
    "ACCEPT",
    "DROP",
    "REJECT --reject-with icmp-port-unreachable",
    "RETURN",
    "LOG",
    "own",
  );
  const rules = (chain: string, of: typeof target) =>
    fc.array(fc.tuple(condition, of), { maxLength: 8 }).map((list) => list.map(([c, t]) => `-A ${chain} ${c} -j ${t}`));
  const ruleset = fc
    .tuple(
      fc.constantFrom("ACCEPT", "DROP"),
      rules("INPUT", target),
      rules(
        "own",
        target.filter((name) => name !== "own"),
      ),
    )
    .map(([policy, input, own]) => ({ head: ["*filter", `:INPUT ${policy} [0:0]`, ":own - [0:0]"], input, own }));

  it("never close what the first of them lets in", () => {
    fc.assert(
      fc.property(ruleset, ({ head, input, own }) => {
        const first = "-A INPUT -i eth1 -p udp -m multiport --dports 67,69 -j ACCEPT";
        assert.equal(blockedBy(iptables([...head, first, ...input, ...own]), udp(67)), undefined);
        const unknown = "-A INPUT -m something --new 3 -j ACCEPT";
        assert.equal(blockedBy(iptables([...head, unknown, ...input, ...own]), udp(67)), undefined);
      }),
    );
  });

  it("close what they drop under every answer to what is not known of a packet", () => {
    fc.assert(
      fc.property(ruleset, ({ head, input, own }) => {
        const text = [...head, ...input, ...own];
        // What is not known (who sends it, how many came before) holds for all rules, or for none.
        const settled = [true, false].map((holds) =>
          text.flatMap((line) => {
            const left = line.replace(/-s \S+|-m limit --limit \S+/, "");
            return left === line || holds ? [left] : [];
          }),
        );
        if (blockedBy(iptables(text), udp(67)) === undefined) return;
        for (const lines of settled) assert.notEqual(blockedBy(iptables(lines), udp(67)), undefined);
      }),
    );
  });
});

describe("a firewall in the way", () => {
  const told = (seen: FirewallSeen, changes: object = {}, id?: string) =>
    closedByFirewall(sample(changes), seen, id === undefined ? undefined : { id, like: [], name: id })?.message;
  const policy = [...iptables(["*filter", ":INPUT DROP [0:0]", "-A INPUT -p tcp --dport 80 -j ACCEPT"])];

  it("is named with its rule and the command that opens it, as its manager takes it", () => {
    assert.equal(
      told({ tables: policy }),
      "preparation, provisioning host: expected UDP 67 (DHCP), UDP 69 (TFTP) let in on eth1 but found the policy DROP of " +
        "iptables' chain INPUT in the way. Open it there: `iptables -I INPUT -i eth1 -p udp -m multiport --dports 67,69 " +
        "-j ACCEPT`, and save the rules as that host does. Nothing was changed. [PXE_FIREWALL]",
    );
    const remedy = (seen: FirewallSeen, id?: string) => told(seen, {}, id)?.split("Open it there: ")[1];
    assert.equal(
      remedy({ tables: iptables(ufw), manager: { name: "ufw" } }),
      "`ufw allow in on eth1 proto udp to any port 67,69` and `ufw allow in on eth1 proto tcp to any port 80`. " +
        "Nothing was changed. [PXE_FIREWALL]",
    );
    assert.equal(
      remedy({ tables: nft("firewalld.nft-json"), manager: { name: "firewalld", zone: "public" } }),
      "`firewall-cmd --permanent --zone=public --add-port=67/udp --add-port=69/udp --add-port=80/tcp` and " +
        "`firewall-cmd --reload`. Nothing was changed. [PXE_FIREWALL]",
    );
    assert.equal(
      remedy({ tables: nft("own.nft-json") }),
      "`nft 'insert rule inet filter input iifname \"eth1\" udp dport { 67, 69 } accept'` and `nft 'insert rule inet filter " +
        'input iifname "eth1" tcp dport { 80 } accept\'`, and in the file that loads the rules. Nothing was changed. ' +
        "[PXE_FIREWALL]",
    );
    assert.equal(
      remedy({ tables: policy }, "nixos"),
      "`allowedUDPPorts = [ 67 69 ];` in networking.firewall.interfaces.eth1 of its configuration. Nothing was changed. " +
        "[PXE_FIREWALL]",
    );
  });

  it("is not asked for DHCP where another server does that", () => {
    const external = told({ tables: policy }, { dhcp: { mode: "external" } });
    assert.match(external ?? "", /expected UDP 69 \(TFTP\) let in on eth1 but found/);
  });

  it("is asked for ProxyDHCP's port in that mode, and for the port of httpUrl", () => {
    const proxy = told({ tables: policy }, { dhcp: { mode: "proxy" }, httpUrl: "http://10.0.100.1:8080" });
    assert.match(
      proxy ?? "",
      /expected UDP 67 \(DHCP\), UDP 69 \(TFTP\), UDP 4011 \(ProxyDHCP\), TCP 8080 \(HTTP\) let in/,
    );
  });

  it("may hide the answers of other DHCP servers, which nobody would tell", () => {
    assert.equal(hidesOffers(sample(), { tables: policy }), "the policy DROP of iptables' chain INPUT");
    assert.equal(hidesOffers(sample(), { tables: iptables(ufw) }), undefined, "ufw lets in what comes from port 67");
    assert.equal(hidesOffers(sample(), { tables: [] }), undefined);
  });

  it("is none of a host without rules", () => assert.equal(told({ tables: [] }), undefined));
});
