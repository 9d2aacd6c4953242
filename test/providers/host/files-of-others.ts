import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { publishedPath } from "../../../providers/netboot-image/plan.js";
import { type RealHost, ROOT, SERVER } from "./bench.js";
import { withOtherMachine, withOtherRoot, withOtherWebServer } from "./other-servers.js";

/** What machines would boot is compared with what was written: tests for a host whose server is set up. */
export function bootFilesOfOthers(host: RealHost): void {
  const unserved = (found: readonly string[], remedy: string) =>
    `preparation, provisioning host: expected every advertised boot file to be served but found ${found.join("; ")}. ${remedy} [PXE_NOT_SERVED]`;
  const foreign = "another content, so another machine or a proxy answers at 10.19.0.1";
  const look = "Look for another server on the host, for another machine that has 10.19.0.1, and for a proxy between.";

  it("a boot file in whose place something else comes is named, as the host gets it and as it comes outside", async () => {
    const url = "http://10.19.0.1/boot.ipxe";
    await withOtherRoot(host, "sed -i 's/ipxe/exip/' boot.ipxe", async () => {
      const found = [`${url}: another content`, `${url} as seen from here: ${foreign}`];
      assert.equal((await host.drive("pxe", "create", SERVER)).error, unserved(found, look));
    });
  });

  it("a boot file that does not come is named, with where to look", async () => {
    const url = "http://10.19.0.1/boot/snponly.efi";
    await withOtherRoot(host, "rm boot/snponly.efi", async () => {
      const found = [
        `${url}: curl: (22) The requested URL returned error: 404`,
        `${url} as seen from here: status 404`,
      ];
      const firewall =
        "Check firewall rules for UDP 67 and 69 and TCP 80 on host0, and /var/lib/flint/hosttest/log/ there.";
      assert.equal((await host.drive("pxe", "create", SERVER)).error, unserved(found, firewall));
    });
  });

  it("boot files of another machine that has the address are named, although the host gets its own", async () => {
    const web = ["boot.ipxe", "boot/snponly.efi"];
    const tftp = ["undionly.kpxe", "snponly.efi", "autoexec.ipxe"];
    await withOtherMachine(host, { bytes: 300, tftp }, async (address) => {
      const { error } = await host.drive("pxe", "create", { ...SERVER, host: { ...host.target(), host: address } });
      const urls = [
        ...web.map((path) => `http://10.19.0.1/${path}`),
        ...tftp.map((file) => `tftp://10.19.0.1/${file}`),
      ];
      const found = urls.map((url) => `${url} as seen from here: ${foreign}`);
      assert.equal(error, unserved(found, look));
    });
    assert.equal((await host.drive("pxe", "create", SERVER)).error, undefined);
  });
}

/** Needs a worker's image there, with the files `kernel` and another initrd; leaves one with `kernel` and `initrd-3`. */
export function imagesOfOthers(host: RealHost): void {
  const SIZE = 5_000_000;
  const zeros = createHash("sha256").update(Buffer.alloc(SIZE)).digest("hex");
  const file = (name: "bzImage" | "initrd", local: string) => {
    const sha256 = createHash("sha256")
      .update(readFileSync(join(host.dir, local)))
      .digest("hex");
    const path = publishedPath(name, sha256);
    return { path, directory: `.${dirname(path)}`, wanted: `http://10.19.0.1${path} with SHA-256 ${sha256}` };
  };
  const pointer = () => host.onHost("cat /var/lib/flint/hosttest/images/worker.json");
  let before: string;
  let worker: object;

  it("an image is not offered to machines while another web server gives out other bytes of the same length", async () => {
    before = await pointer();
    worker = host.image("worker", "kernel", "initrd-3");
    const [kernel, initrd] = [file("bzImage", "kernel"), file("initrd", "initrd-3")];
    const files = `mkdir -p ${kernel.directory} ${initrd.directory}
      cp /var/lib/flint/hosttest/http${kernel.path} ${kernel.directory}
      truncate -s ${SIZE} .${initrd.path}`;
    await withOtherWebServer(host, files, async () => {
      assert.equal(
        (await host.drive("image", "create", worker)).error,
        `publication, provisioning host, image worker: expected ${initrd.wanted} but found SHA-256 ${zeros} of ${initrd.path}. ` +
          "Another web server may answer at this address, or its files are on another disk: check the host. [IMAGE_NOT_SERVED]",
      );
    });
    assert.equal(await pointer(), before);
  });

  it("an image is not offered to machines while another machine gives out other bytes, although the host gets its own", async () => {
    const [kernel, initrd] = [file("bzImage", "kernel"), file("initrd", "initrd-3")];
    await withOtherMachine(host, { bytes: SIZE, tftp: [] }, async (address) => {
      const { error } = await host.drive("image", "create", { ...worker, host: { ...host.target(), host: address } });
      assert.equal(
        error,
        `publication, provisioning host, image worker: expected ${kernel.wanted} and ${initrd.wanted} ` +
          `but found SHA-256 ${zeros} of ${kernel.path} and SHA-256 ${zeros} of ${initrd.path}, as seen from here. ` +
          "The host itself gets the right files: another machine has the address 10.19.0.1, or a proxy or cache is between. [IMAGE_NOT_SERVED]",
      );
    });
    assert.equal(await pointer(), before);
  });

  it("an image is offered once it comes as it was built, and fetched again only where that was not seen", async () => {
    const { error, outs = {} } = await host.drive("image", "create", worker);
    assert.equal(error, undefined);
    assert.notEqual(await pointer(), before);
    const { path } = file("initrd", "initrd-3");
    const fetched = async () => {
      const log = "/var/lib/flint/hosttest/log/http.log";
      return (await host.onHost(`grep -F '"GET","uri":"${path}","status":200' ${log}`)).split("\n");
    };
    const first = await fetched();
    for (const ip of ["10.19.0.1", "10.19.0.254"])
      assert.ok(
        first.some((line) => line.includes(`"ip":"${ip}"`)),
        ip,
      );
    const update = (state: object) => host.drive("image", "update", worker, ROOT, state);
    assert.equal((await update(outs)).error, undefined);
    assert.equal((await fetched()).length, first.length);
    for (const unseen of [{ pending: "update" }, { httpUrl: "http://10.19.0.7" }]) {
      const count = (await fetched()).length;
      assert.equal((await update({ ...outs, ...unseen })).error, undefined);
      assert.equal((await fetched()).length, count + 2);
    }
  });
}
