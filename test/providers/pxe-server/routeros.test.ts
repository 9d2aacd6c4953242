import assert from "node:assert/strict";
import fc from "fast-check";
import {
  architectureBoots,
  type ExternalDhcp,
} from "../../../providers/pxe-server/render/external-dhcp/boot-options.js";
import { renderRouterOs } from "../../../providers/pxe-server/render/external-dhcp/routeros.js";
import { type Command, readRouterOs } from "./routeros.js";

const DHCP: ExternalDhcp = {
  cluster: "dev",
  cidr: "10.0.100.0/24",
  address: "10.0.100.1",
  httpUrl: "http://10.0.100.1:8080",
  machines: [
    { name: "node01", mac: "52:54:00:00:00:0a", address: "10.0.100.50" },
    { name: "node02", mac: "52:54:00:00:00:0b", address: "10.0.100.51" },
  ],
};

const of = (commands: readonly Command[], menu: string) =>
  commands.flatMap((command) => (command.menu === `/ip dhcp-server ${menu}` ? [command.arguments] : []));
const named = (all: readonly ReadonlyMap<string, string>[], name: string | undefined) =>
  all.find((each) => each.get("name") === name) ?? assert.fail(`no ${name}`);
const text = (value: string | undefined) => /^s'(.*)'$/.exec(value ?? "")?.[1] ?? assert.fail(`no text: ${value}`);

/** What a client gets by option, from the matcher that fits: `code` and what the client says in that option. */
function answerTo(commands: readonly Command[], code: number, says: string): Record<string, string> | undefined {
  const matcher = of(commands, "matcher").find(
    (each) => each.get("code") === String(code) && says.includes(each.get("value") ?? ""),
  );
  if (matcher === undefined) return undefined;
  const set = named(of(commands, "option sets"), matcher.get("option-set"));
  const options = (set.get("options") ?? "").split(",").map((name) => named(of(commands, "option"), name));
  return Object.fromEntries(options.map((option) => [option.get("code") ?? "", text(option.get("value"))]));
}

describe("the options for RouterOS, read as its manual says", () => {
  const { commands, variables, needs } = readRouterOs(renderRouterOs(DHCP));

  it("each line is a command that it knows, with arguments and values that this takes", () => {
    assert.deepEqual(Object.fromEntries(variables), { server: "dhcp1", pool: "pool1" });
    assert.ok(commands.length > 20);
  });

  it("the version that the script names knows every argument", () => {
    assert.equal(needs, 7.16);
    assert.match(renderRouterOs(DHCP), /^# .* by RouterOS 7\.16 or newer/);
  });

  it("what a line refers to by name was added by a line before it, and no name is added twice", () => {
    const added = new Set<string>();
    for (const { menu, arguments: given } of commands) {
      for (const key of ["options", "option-set"])
        for (const name of given.get(key)?.split(",") ?? [])
          assert.ok(added.has(`/ip dhcp-server option${key === "options" ? "" : " sets"} ${name}`), name);
      const name = given.get("name");
      if (name === undefined) continue;
      assert.ok(!added.has(`${menu} ${name}`), `${name} twice`);
      added.add(`${menu} ${name}`);
    }
  });

  it("firmware of each architecture gets its boot file, and iPXE its script, although they did not ask for the option", () => {
    for (const { architectures, file, vendorClass } of architectureBoots(DHCP))
      for (const architecture of architectures) {
        const says = `${vendorClass ?? "PXEClient"}:Arch:${String(architecture).padStart(5, "0")}:UNDI:003016`;
        const own = vendorClass === undefined ? { 66: "10.0.100.1" } : { 60: vendorClass };
        assert.deepEqual(answerTo(commands, 60, says), { ...own, 67: file }, says);
      }
    assert.deepEqual(answerTo(commands, 77, "iPXE"), { 66: "10.0.100.1", 67: "http://10.0.100.1:8080/boot.ipxe" });
    assert.equal(answerTo(commands, 60, "android-dhcp-11"), undefined);
    for (const option of of(commands, "option")) assert.equal(option.get("force"), "yes");
  });

  it("no two matchers fit the same option of a client: which one applies then is random", () => {
    const matchers = of(commands, "matcher").map((each) => [each.get("code"), each.get("value") ?? ""] as const);
    for (const [at, [code, value]] of matchers.entries())
      for (const [other, [otherCode, otherValue]] of matchers.entries())
        if (at !== other && code === otherCode) assert.ok(!value.includes(otherValue), `${value}, ${otherValue}`);
  });

  it("every matcher names a pool: without one, a client that has no static lease would get no address", () => {
    for (const matcher of of(commands, "matcher")) assert.equal(matcher.get("address-pool"), "pool1");
  });

  it("EDK2 takes the TFTP server from the network's next-server; each machine has a static lease", () => {
    assert.deepEqual(
      of(commands, "network").map((each) => Object.fromEntries(each)),
      [{ "next-server": "10.0.100.1" }],
    );
    assert.deepEqual(
      of(commands, "lease").map((each) => Object.fromEntries(each)),
      DHCP.machines.map(({ name, mac, address }) => ({
        server: "dhcp1",
        "mac-address": mac.toUpperCase(),
        address,
        comment: name,
      })),
    );
  });

  it("is so for every name and network that the schema lets in", () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(name, name, byte, byte, (cluster, machine, a, b) => {
        const mac = `52:54:00:00:${[a, b].map((each) => each.toString(16).padStart(2, "0")).join(":")}`;
        const machines = [{ name: machine, mac, address: `10.${a}.${b}.9` }];
        const network = { cidr: `10.${a}.${b}.0/24`, address: `10.${a}.${b}.1`, httpUrl: `http://10.${a}.${b}.1` };
        const script = readRouterOs(renderRouterOs({ cluster, machines, ...network }));
        assert.equal(script.commands.length, commands.length - 1);
      }),
    );
  });
});

describe("the reader of RouterOS scripts refuses", () => {
  const REFUSED: [string, RegExp][] = [
    ["/ip dhcp-server options add name=a code=67", /line 1: no menu \/ip dhcp-server options/],
    ["/ip dhcp-server option add name=a", /option needs code/],
    ["/ip dhcp-server option add name=a code=255", /code does not take 255/],
    ["/ip dhcp-server option add name=a code=67 forced=yes", /has no argument forced/],
    ["/ip dhcp-server option add name=a code=67 value=boot.efi", /value does not take boot\.efi/],
    ["/ip dhcp-server option add name=a code=67 value=s'boot.efi'", /must be quoted/],
    [`/ip dhcp-server option add name=a code=67 value="s'boot.efi'`, /a quote or a bracket is not closed/],
    ["/ip dhcp-server matcher add name=a server=all code=60 value=b", /needs matching-type/],
    ["/ip dhcp-server matcher add name=a server=$b code=60 value=b matching-type=exact", /its variable is not there/],
    ["/ip dhcp-server matcher add name=a server=b code=60 value=b matching-type=start", /does not take start/],
    ["/ip dhcp-server network set next-server=10.0.0.1", /set needs an item/],
    ["/ip dhcp-server network set [find where adress=10.0.0.0/24] next-server=10.0.0.1", /set needs an item/],
    ["/ip dhcp-server lease add mac-address=52:54:00:00:00:0a", /mac-address does not take/],
  ];
  for (const [line, why] of REFUSED) it(line, () => assert.throws(() => readRouterOs(line), why));
});
