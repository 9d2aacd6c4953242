import assert from "node:assert/strict";
import { join } from "node:path";
import type { DhcpAnswer, DhcpQuestion } from "../../../lab/boot/ask-dhcp.js";
import { renderDhcpHost } from "../../../providers/bare-metal-node/render/dhcp-host.js";
import { type RealHost, ROOT, ROOT_THERE, SERVER } from "./bench.js";

const NODE = { name: "node01", mac: "52:54:00:13:00:01", address: "10.19.0.50" };
const UNKNOWN = "52:54:00:13:00:99";

/** What a change of the declaration does to servers that run: tests for a host whose server is set up as `SERVER` says. */
export function declaredChanges(host: RealHost): void {
  const leases = () => host.onHost(`grep -v '^duid' ${ROOT_THERE}/dnsmasq/leases`);
  const ask = async (question: Omit<DhcpQuestion, "architecture">): Promise<DhcpAnswer> => {
    const program = join(__dirname, "../../../lab/boot/ask-dhcp.js");
    const asked = JSON.stringify({ architecture: 7, from: SERVER.address, ...question });
    return JSON.parse((await host.inside(process.execPath, program, asked)).stdout);
  };
  /** As an update from `SERVER` and back. */
  const declare = async (changes: object, before: object = {}) => {
    const old = { cluster: "hosttest", host: host.target(), httpUrl: "http://10.19.0.1", ...SERVER, ...before };
    const { error } = await host.drive("pxe", "update", { ...SERVER, ...changes }, ROOT, old);
    assert.equal(error, undefined);
  };

  const gateway = { gateway: "10.19.0.254", dns: ["10.19.0.53", "10.19.0.54"] };
  const reaches = "what is declared otherwise reaches the servers that run:";
  let running: Awaited<ReturnType<RealHost["servers"]>>;
  let taken = "";

  it(`${reaches} a machine more: both go on in the same processes, and the lease of another is kept`, async () => {
    await host.inside("ip", "route", "replace", "255.255.255.255", "dev", "prov");
    const { address } = await ask({ mac: UNKNOWN, take: true });
    taken = await leases();
    assert.match(taken, new RegExp(`^\\d+ ${UNKNOWN} ${address} `));
    running = await host.servers();
    assert.match((await ask({ mac: NODE.mac })).address, /^10\.19\.0\.2\d\d$/);
    await host.onHost(
      `cd ${ROOT_THERE}/dnsmasq/hosts.d; printf '${renderDhcpHost(NODE)}' > .new; mv .new ${NODE.name}`,
    );
    assert.equal((await ask({ mac: NODE.mac, take: true })).address, NODE.address);
    assert.deepEqual(await host.servers(), running);
    const kept = await leases();
    assert.ok(kept.includes(taken), kept);
    taken = kept;
  });

  it(`${reaches} another router and name servers: machines are told, by the same process`, async () => {
    await declare(gateway);
    const { routers, nameServers } = await ask({ mac: NODE.mac });
    assert.deepEqual({ routers, nameServers }, { routers: [gateway.gateway], nameServers: gateway.dns });
    assert.deepEqual(await host.servers(), running);
    assert.equal(await leases(), taken);
  });

  it(`${reaches} none any more: machines are told none, by the same process`, async () => {
    await declare({}, gateway);
    const { routers, nameServers } = await ask({ mac: NODE.mac });
    assert.deepEqual({ routers, nameServers }, { routers: [], nameServers: [] });
    assert.deepEqual(await host.servers(), running);
  });

  it(`${reaches} another port of the web server: it alone goes on in the same process, and leases are kept`, async () => {
    await declare({ httpUrl: "http://10.19.0.1:8080" });
    assert.match((await host.inside("curl", "-sf", "http://10.19.0.1:8080/boot.ipxe")).stdout, /10\.19\.0\.1:8080/);
    const now = await host.servers();
    assert.equal(now.nginx, running.nginx);
    assert.notEqual(now.dnsmasq, running.dnsmasq);
    assert.equal(await leases(), taken);
    assert.equal((await ask({ mac: NODE.mac })).address, NODE.address);
    await declare({}, { httpUrl: "http://10.19.0.1:8080" });
  });

  it(`${reaches} where an older release named the machines with a tag, a restart takes it out, and reloads go on in one process`, async () => {
    const entry = renderDhcpHost(NODE).replace(",id:*,", ",id:*,set:flint,");
    await host.onHost(`printf '${entry}' > ${ROOT_THERE}/dnsmasq/hosts.d/${NODE.name}
        rm ${ROOT_THERE}/dnsmasq/dhcp-options
        echo '# of an older release' >> ${ROOT_THERE}/dnsmasq/dnsmasq.conf`);
    await declare({});
    assert.equal(await host.onHost(`cat ${ROOT_THERE}/dnsmasq/hosts.d/${NODE.name}`), renderDhcpHost(NODE).trim());
    const { dnsmasq } = await host.servers();
    assert.equal((await ask({ mac: NODE.mac, take: true })).address, NODE.address);
    await declare(gateway);
    assert.deepEqual((await ask({ mac: NODE.mac })).routers, [gateway.gateway]);
    await declare({}, gateway);
    assert.equal((await host.servers()).dnsmasq, dnsmasq);
  });

  it(`${reaches} a machine less: both go on in the same processes`, async () => {
    running = await host.servers();
    await host.onHost(`rm ${ROOT_THERE}/dnsmasq/hosts.d/${NODE.name}
        systemctl kill --signal=SIGHUP flint-hosttest-dnsmasq; true`);
    assert.notEqual((await ask({ mac: "52:54:00:13:00:77" })).address, NODE.address);
    assert.deepEqual(await host.servers(), running);
    await host.inside("ip", "route", "delete", "255.255.255.255", "dev", "prov");
  });
}
