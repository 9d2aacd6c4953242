import assert from "node:assert/strict";
import { parseHoldings } from "../../../providers/netboot-image/holdings.js";
import { lifecycle } from "../../../providers/netboot-image/lifecycle.js";
import {
  damage,
  type Holdings,
  leftovers,
  missing,
  pointerText,
  publishedPath,
} from "../../../providers/netboot-image/plan.js";
import { inputsSchema, type Pointer, pointerSchema } from "../../../providers/netboot-image/schema.js";

const sha = (digit: string) => digit.repeat(64);
const published = (file: "bzImage" | "initrd", digit: string, size: number) => ({
  path: publishedPath(file, sha(digit)),
  size,
  sha256: sha(digit),
});
const pointer: Pointer = {
  profile: "worker",
  arch: "x86_64",
  kernel: published("bzImage", "a", 14),
  initrd: published("initrd", "b", 46),
  cmdline: "console=ttyS0",
};

function held(changes: Partial<Holdings> = {}): Holdings {
  return {
    pointer: pointerText(pointer),
    files: new Map([pointer.kernel, pointer.initrd].map(({ path, size, sha256 }) => [path, { size, sha256 }])),
    directories: ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"],
    used: new Set(),
    ...changes,
  };
}

describe("the plan of a netboot image", () => {
  it("publishes under the content's digest", () => {
    assert.equal(pointer.kernel.path, "/images/aaaaaaaaaaaaaaaa/bzImage");
    assert.deepEqual(pointerSchema.parse(JSON.parse(pointerText(pointer))), pointer);
  });
  it("has nothing to do when the host has all of it", () => {
    assert.deepEqual(missing(pointer, held()), []);
    assert.deepEqual(damage(pointer, held()), []);
  });
  it("uploads what is missing, cut short or damaged", () => {
    const { kernel, initrd } = pointer;
    assert.deepEqual(missing(pointer, held({ files: new Map() })), [kernel, initrd]);
    const cut = new Map([
      [kernel.path, { size: 13, sha256: kernel.sha256 }],
      [initrd.path, { size: 46, sha256: sha("c") }],
    ]);
    assert.deepEqual(missing(pointer, held({ files: cut })), [kernel, initrd]);
  });
  it("tells what is not as it was published", () => {
    const seen = held({ files: new Map([[pointer.kernel.path, { size: 1, sha256: sha("c") }]]), pointer: undefined });
    assert.deepEqual(damage(pointer, seen), [
      "/images/aaaaaaaaaaaaaaaa/bzImage changed",
      "/images/bbbbbbbbbbbbbbbb/initrd missing",
      "pointer of worker missing",
    ]);
    assert.deepEqual(damage(pointer, held({ pointer: "{}" })), ["pointer of worker changed"]);
  });
  it("keeps what a boot script or another image names, and removes the rest", () => {
    const seen = held({
      directories: ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc", "dddddddddddddddd"],
      used: new Set(["cccccccccccccccc"]),
    });
    assert.deepEqual(leftovers(pointer, seen), ["dddddddddddddddd"]);
    assert.deepEqual(leftovers(undefined, seen), ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "dddddddddddddddd"]);
  });
  it("reads what the host prints", () => {
    const text = [
      `file 14 ${sha("a")} /images/aaaaaaaaaaaaaaaa/bzImage`,
      "directory aaaaaaaaaaaaaaaa",
      "used cccccccccccccccc",
      `pointer ${Buffer.from("{}").toString("base64")}`,
      "end",
    ].join("\n");
    assert.deepEqual(parseHoldings(text), {
      pointer: "{}",
      files: new Map([["/images/aaaaaaaaaaaaaaaa/bzImage", { size: 14, sha256: sha("a") }]]),
      directories: ["aaaaaaaaaaaaaaaa"],
      used: new Set(["cccccccccccccccc"]),
    });
    assert.throws(() => parseHoldings("directory a\n"), /cut off/);
  });
});

describe("the inputs of a netboot image", () => {
  const host = { name: "provisioning host", host: "10.0.100.1", privateKey: "key", hostKeys: ["ssh-ed25519 AAAA"] };
  const base = { cluster: "dev", profile: "worker", host, httpUrl: "http://10.0.100.1" };
  const files = (kernel: object) => ({
    source: { files: { kernel, initrd: { path: "/i", sha256: sha("b") }, cmdline: "console=ttyS0" } },
  });
  it("take a flake, or files by path or URL", () => {
    const build = { flake: "/f", inputs: {}, digest: "d" };
    for (const source of [
      { source: { build } },
      files({ path: "/k", sha256: sha("a") }),
      files({ url: "https://example.com/k", sha256: sha("a") }),
    ])
      assert.ok(inputsSchema.safeParse({ ...base, ...source }).success);
  });
  it("patience for its build is none of them: a state from before it was declared, or another one, changes nothing", async () => {
    const olds = { ...base, source: { build: { flake: "/f", inputs: {}, digest: "d" } }, damage: [] };
    for (const deadlines of [undefined, { build: 7_200 }, { build: 60 }])
      assert.deepEqual(await lifecycle.diff("image-dev-worker", olds, { ...olds, deadlines }), { changes: false });
  });
  it("refuse a file without a digest, with two places, or with another scheme", () => {
    for (const kernel of [
      { path: "/k" },
      { path: "/k", url: "https://example.com/k", sha256: sha("a") },
      { url: "file:///etc/shadow", sha256: sha("a") },
    ])
      assert.ok(!inputsSchema.safeParse({ ...base, ...files(kernel) }).success, JSON.stringify(kernel));
  });
});
