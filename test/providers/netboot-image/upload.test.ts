import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { publishedPath } from "../../../providers/netboot-image/plan.js";
import { upload } from "../../../providers/netboot-image/upload.js";
import { hostHere } from "../host-here.js";

describe("the upload of an image", () => {
  const directory = mkdtempSync(join(tmpdir(), "flint-upload-"));
  const local = join(directory, "initrd");
  const content = randomBytes(9 * 1024 * 1024 + 5);
  const sha256 = createHash("sha256").update(content).digest("hex");
  const file = { path: publishedPath("initrd", sha256), size: content.length, sha256 };
  const quiet = () => ({ signal: new AbortController().signal, onProgress: () => {} });
  let web: string;
  before(() => writeFileSync(local, content));
  beforeEach(() => {
    web = mkdtempSync(join(directory, "web-"));
  });
  after(() => rmSync(directory, { recursive: true }));

  it("puts the whole file in its place, tells how far it is, and leaves nothing beside it", async () => {
    const told: number[] = [];
    const options = { ...quiet(), onProgress: (bytes: number) => told.push(bytes) };
    await upload(hostHere(), web, file, local, options);
    assert.ok(readFileSync(join(web, file.path)).equals(content));
    assert.deepEqual(readdirSync(dirname(join(web, file.path))), ["initrd"]);
    assert.equal(told.at(-1), file.size);
    assert.equal(told.length, 5);
  });

  it("after a broken connection sends only what is not there", async () => {
    let left = 1;
    const breaking = hostHere(() => {
      if (left-- === 0) throw new Error("connection lost");
    });
    await assert.rejects(upload(breaking, web, file, local, quiet()), /connection lost/);
    assert.ok(!existsSync(join(web, file.path)));
    const sent: string[] = [];
    await upload(
      hostHere((path) => sent.push(path)),
      web,
      file,
      local,
      quiet(),
    );
    assert.ok(sent.length >= 1 && sent.length < 5, `${sent.length} chunks sent again`);
    assert.ok(readFileSync(join(web, file.path)).equals(content));
  });

  it("a file that arrives with another content is not published", async () => {
    const wrong = { ...file, sha256: sha256.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) };
    await assert.rejects(upload(hostHere(), web, { ...wrong, path: file.path }, local, quiet()), {
      message:
        `provisioning host, ${file.path}: expected SHA-256 ${wrong.sha256} after the upload but found ${sha256}. ` +
        "The file was removed there. Check the host's disk and memory, then run `pulumi up` again. [IMAGE_UPLOAD]",
    });
    assert.deepEqual(readdirSync(dirname(join(web, file.path))), []);
  });
});
