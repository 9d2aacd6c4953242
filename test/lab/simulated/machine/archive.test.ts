import assert from "node:assert/strict";
import fc from "fast-check";
import { readArchive } from "../../../../lab/simulated/machine/archive.js";
import { renderArchive } from "../../../../providers/bare-metal-node/render/keys-archive.js";

const name = fc.stringMatching(/^[a-z]{1,12}$/);

describe("A simulated kernel unpacks the archive with a node's keys", () => {
  it("into the files that were packed", () =>
    fc.assert(
      fc.property(fc.dictionary(name, fc.string(), { maxKeys: 5 }), (contents) => {
        const files = Object.entries(contents).map(([key, content]) => ({
          path: `flint/${key}`,
          mode: 0o600,
          content,
        }));
        const expected = new Map(files.map(({ path, content }) => [path, Buffer.from(content).toString()]));
        assert.deepEqual(readArchive(renderArchive(files)), expected);
      }),
    ));
});
