import Module, { createRequire } from "node:module";

/**
 * Pulumi's SDK loads two large modules together with itself, and uses both only to serialise a closure, which no resource
 * of ours has: npm's tree builder (`@npmcli/arborist`, 500 modules) and the TypeScript compiler. Where one of them is used
 * after all, it is loaded then.
 * The first import of this repository's stack program, and of a program that chooses so: `require("pulumi-flint/lazy-sdk")` before
 * anything else spares each run 0.2 s (docs/decisions/0014-what-a-preview-loads.md).
 */
const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));

/** Puts what `exports` makes into the SDK's module cache, which hands it out until its parts are asked for. */
function loadLater(request: string, exports: (load: () => Record<PropertyKey, unknown>) => object): void {
  let path: string;
  try {
    path = sdk.resolve(request);
  } catch {
    return; // an SDK that has another way
  }
  if (sdk.cache[path] !== undefined) return;
  const later = new Module(path);
  later.filename = path;
  later.loaded = true;
  later.exports = exports(() => {
    if (sdk.cache[path] === later) delete sdk.cache[path];
    return sdk(path);
  });
  sdk.cache[path] = later;
}

loadLater("@npmcli/arborist", (load) => ({
  // So that an import takes this object as it is, and reads no property before it needs one.
  __esModule: true,
  get Arborist(): unknown {
    return load().Arborist;
  },
}));

// The module through which the SDK takes the compiler. Its own imports read no property of it before they need one.
loadLater("./typescript-shim.js", (load) => new Proxy({}, { get: (_, name) => load()[name] }));
