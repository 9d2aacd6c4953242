import Module, { createRequire } from "node:module";

/**
 * Pulumi's SDK loads npm's whole tree builder (`@npmcli/arborist`, 500 modules) together with itself, and uses it only to
 * find the packages of a serialised closure, which no resource of ours has. Where it is used after all, it is loaded then.
 * For the stack program alone, as its first import (docs/decisions/0014-what-a-preview-loads.md).
 */
function loadArboristLater(): void {
  const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
  let path: string;
  try {
    path = sdk.resolve("@npmcli/arborist");
  } catch {
    return; // an SDK that has another way
  }
  if (sdk.cache[path] !== undefined) return;
  const later = new Module(path);
  later.filename = path;
  later.loaded = true;
  later.exports = {
    // So that an import takes this object as it is, and reads no property before it needs one.
    __esModule: true,
    get Arborist(): unknown {
      if (sdk.cache[path] === later) delete sdk.cache[path];
      return sdk(path).Arborist;
    },
  };
  sdk.cache[path] = later;
}

loadArboristLater();
