import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { packedFiles, ROOT } from "./packed-files.js";

const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");
/** Where code stands, nothing is a link. */
const prose = (text: string) => text.replaceAll(/^```.*?^```/gms, "").replaceAll(/`[^`\n]*`/g, "");

/** As renderers make them of headings: lower case, without punctuation, hyphens for spaces. */
const anchorsOf = (file: string) =>
  Array.from(read(file).matchAll(/^#+ (.*)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

describe("documents in the packed package", () => {
  let files: string[] = [];
  before(function () {
    this.timeout("120 s");
    files = packedFiles().files.map((file) => file.path);
  });

  it("link only to what is packed, and to headings that are there", () => {
    const documents = files.filter((file) => file.endsWith(".md"));
    let links = 0;
    const dead = documents.flatMap((document) =>
      Array.from(prose(read(document)).matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => {
          links += 1;
          const [name = "", anchor] = target.split("#");
          const file = name === "" ? document : path.join(path.dirname(document), name).replace(/\/$/, "");
          if (files.some((each) => each.startsWith(`${file}/`))) return anchor !== undefined;
          return !files.includes(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
        })
        .map((target) => `${document}: ${target}`),
    );
    assert.deepEqual(dead, []);
    assert.ok(links > 50, `only ${links} links were found: the search is broken`);
  });
});
