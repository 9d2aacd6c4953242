import assert from "node:assert/strict";
import { type RealHost, ROOT_THERE, SERVER } from "./bench.js";

/** What somebody else changes there is found and put right: tests for a host whose server is set up as `SERVER` says. */
export function changesBehindItsBack(host: RealHost): void {
  const cases = [
    {
      name: "an edited, a deleted and a truncated file: nothing is restarted",
      damage: `echo x >> ${ROOT_THERE}/http/boot.ipxe; rm ${ROOT_THERE}/tftp/undionly.kpxe; : > ${ROOT_THERE}/http/boot/ipxe.efi`,
      drift: [
        `${ROOT_THERE}/http/boot.ipxe changed`,
        `${ROOT_THERE}/tftp/undionly.kpxe missing`,
        `${ROOT_THERE}/http/boot/ipxe.efi changed`,
      ],
      stay: ["dnsmasq", "nginx"],
    },
    {
      name: "an edited configuration of nginx: it is reloaded, in the same process",
      damage: `echo '# mine' >> ${ROOT_THERE}/nginx/nginx.conf`,
      drift: [`${ROOT_THERE}/nginx/nginx.conf changed`, "nginx: reload, nginx.conf changed"],
      stay: ["dnsmasq", "nginx"],
    },
    {
      name: "an edited configuration of dnsmasq: it alone is restarted",
      damage: `echo '# mine' >> ${ROOT_THERE}/dnsmasq/dnsmasq.conf`,
      drift: [`${ROOT_THERE}/dnsmasq/dnsmasq.conf changed`, "dnsmasq: restart, dnsmasq.conf changed"],
      stay: ["nginx"],
    },
    {
      name: "a unit that was stopped, and one that was disabled",
      damage: "systemctl stop flint-hosttest-dnsmasq; systemctl --quiet disable flint-hosttest-nginx",
      drift: ["nginx: enable, not enabled", "dnsmasq: start, not running"],
      stay: ["nginx"],
    },
    {
      name: "a unit file that was deleted",
      damage: "rm /etc/systemd/system/flint-hosttest-nginx.service; systemctl daemon-reload",
      drift: [
        "/etc/systemd/system/flint-hosttest-nginx.service missing",
        "nginx: enable, not enabled",
        "nginx: restart, flint-hosttest-nginx.service changed",
      ],
      stay: ["dnsmasq"],
    },
  ] as const;
  for (const { name, damage, drift, stay } of cases)
    it(`what was changed behind Flint's back is found and put right: ${name}`, async () => {
      const before = await host.servers();
      await host.onHost(damage);
      const found = (await host.drive("pxe", "read", SERVER)).props?.drift;
      assert.deepEqual(found, drift);
      assert.equal((await host.drive("pxe", "create", SERVER)).error, undefined);
      assert.deepEqual((await host.drive("pxe", "read", SERVER)).props?.drift, []);
      const after = await host.servers();
      for (const service of stay) assert.equal(after[service], before[service], service);
      if (!stay.some((service) => service === "dnsmasq")) assert.notEqual(after.dnsmasq, before.dnsmasq);
    });

  it("what was changed behind Flint's back is found and put right: a port that another program took: it is named, and mended once that has gone", async () => {
    await host.onHost("systemctl stop flint-hosttest-nginx; systemctl start nginx");
    assert.deepEqual((await host.drive("pxe", "read", SERVER)).props?.drift, ["nginx: start, not running"]);
    const { error } = await host.drive("pxe", "create", SERVER);
    assert.match(error ?? "", /found nginx on TCP port 80, process \d+ of nginx\.service\. .* \[PXE_PORT_OCCUPIED\]$/);
    await host.onHost("systemctl stop nginx");
    assert.equal((await host.drive("pxe", "create", SERVER)).error, undefined);
  });
}
