// limit: 840 s
import assert from "node:assert/strict";
import { RealHost } from "./bench.js";
import type { Racks } from "./rack-program.js";
import { RackStack } from "./rack-stack.js";

describe("what was changed on a provisioning host, under the real CLI", function () {
  this.timeout(120_000);
  this.bail(true);
  const host = new RealHost();
  const root = "/var/lib/flint/hosttest";
  let stack: RackStack<Racks> | undefined;
  const at = () => stack ?? assert.fail("no stack");
  const servers = [
    `${root}/http/boot.ipxe changed`,
    `${root}/tftp/undionly.kpxe missing`,
    "nginx: start, not running",
    "dnsmasq: enable, not enabled",
  ].join("; ");
  const taken = (text: string) =>
    assert.match(
      text,
      /expected TCP port 80 \(HTTP\) free on 10\.19\.0\.1 but found nginx on TCP port 80, process \d+ of nginx\.service\. Stop it there: `systemctl disable --now nginx\.service`, or let Flint use another host\. \[PXE_PORT_OCCUPIED\]/,
    );
  /** The diagnostics that the CLI prints at its end, by resource. */
  const said = (text: string) => text.slice(text.indexOf("Diagnostics:"), text.indexOf("\nResources:"));
  /** Of all errors that it printed. */
  const codes = (text: string) => [...said(text).matchAll(/\[([A-Z_]+)\]$/gm)].map(([, code]) => code);

  before(async function () {
    this.timeout(600_000); // the host's root is built once per machine
    if (!(await host.up())) return this.skip();
    stack = await RackStack.make(host);
    stack.declare({ hosttest: host.declared() });
  });
  after(async function () {
    this.timeout(120_000);
    await host.down();
    stack?.remove();
  });

  it("is not yet there while another program has the web server's port: one error, which names it; the next up makes all", async () => {
    await host.onHost("systemctl start nginx");
    const { code, text } = await at().attempt("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    taken(said(text));
    assert.deepEqual(codes(text), ["PXE_PORT_OCCUPIED"], text);
    await host.onHost("systemctl stop nginx");
    assert.match(await at().up(), /hosttest-image-worker.* updated/);
    await at().pulumi("preview", "--expect-no-changes");
  });

  it("is found by a refresh: files, units, an image, and the program that took a port", async () => {
    await host.onHost(`set -e
      echo x >> ${root}/http/boot.ipxe
      rm ${root}/tftp/undionly.kpxe
      systemctl --quiet disable flint-hosttest-dnsmasq
      systemctl stop flint-hosttest-nginx
      systemctl start nginx
      truncate -s 100 ${root}/http/images/*/initrd`);
    const text = await at().refresh();
    assert.ok(said(text).includes(`warning: provisioning host: ${servers}.\n`), text);
    taken(said(text));
    assert.match(
      said(text),
      /warning: provisioning host: \/images\/[0-9a-f]{16}\/initrd changed\. The next `pulumi up` puts it right\.\n/,
    );
    assert.doesNotMatch(said(text), /puts right:/); // it was said a line above
    assert.match(text, /~ 2 updated\n {4}4 unchanged/);
  });

  it("is shown by a preview in words, and nothing else is", async () => {
    const text = await at().pulumi("preview");
    assert.ok(said(text).includes(`\n    puts right: ${servers}\n`), text);
    assert.match(said(text), /\n {4}puts right: \/images\/[0-9a-f]{16}\/initrd changed\n/);
    assert.match(text, /~ 2 to update\n {4}4 unchanged/);
  });

  it("is not put right while another program has the port, which is named", async () => {
    const { code, text } = await at().attempt("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    taken(said(text));
    // The image beside it, mended meanwhile, does not tell the same in its own words.
    assert.deepEqual(codes(text), ["PXE_PORT_OCCUPIED"], text);
    assert.doesNotMatch(text, /hosttest-image-worker.*failed/);
    assert.equal(await host.onHost(`stat -c %s ${root}/http/images/*/initrd`), "5000000");
    await host.onHost("systemctl stop nginx");
  });

  it("is shown by a preview then: also the image, which nobody has fetched yet", async () => {
    const text = await at().pulumi("preview");
    assert.match(
      said(text),
      /\(hosttest-image-worker\):\n {4}puts right: not fetched yet, as its server was not set up\n/,
    );
  });

  it("is put right by the next up", async () => {
    await at().up();
    assert.match((await host.inside("curl", "-sf", "http://10.19.0.1/boot.ipxe")).stdout, /^#!ipxe\n(?!.*^x$)/ms);
    const units = "flint-hosttest-dnsmasq flint-hosttest-nginx";
    assert.equal(await host.onHost(`systemctl is-active ${units}`), "active\nactive");
    assert.equal(await host.onHost(`systemctl is-enabled ${units}`), "enabled\nenabled");
    assert.equal(
      await host.onHost(`ls ${root}/tftp/undionly.kpxe; stat -c %s ${root}/http/images/*/initrd`),
      `${root}/tftp/undionly.kpxe\n5000000`,
    );
  });

  it("is right then: a refresh finds nothing, an up changes nothing and restarts nothing", async () => {
    const before = await host.unitStarts();
    await at().pulumi("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes");
    assert.equal(await host.unitStarts(), before);
  });

  it("goes with everything else of the rack", async () => {
    await at().pulumi("destroy", "--yes", "--skip-preview");
    assert.equal(await host.files(), "");
    assert.equal(
      await host.onHost("ls -d /var/lib/flint /run/flint 2>/dev/null; ss -Hlntu | grep -v ':22 '; true"),
      "",
    );
  });
});
