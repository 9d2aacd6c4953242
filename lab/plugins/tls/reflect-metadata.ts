// @peculiar/x509 finds its algorithms through tsyringe, which reads classes' metadata with the Reflect calls of an old
// proposal. These four are the ones it uses. Import this before @peculiar/x509.

type Key = string | symbol;
const metadata = new WeakMap<object, Map<Key, unknown>>();

const own = (key: Key, target: object): unknown => metadata.get(target)?.get(key);

function inherited(key: Key, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    if (metadata.get(at)?.has(key)) return own(key, at);
  }
  return undefined;
}

function define(key: Key, value: unknown, target: object): void {
  const known = metadata.get(target) ?? new Map<Key, unknown>();
  metadata.set(target, known.set(key, value));
}

if (!("getMetadata" in Reflect)) {
  Object.assign(Reflect, {
    getMetadata: inherited,
    getOwnMetadata: own,
    defineMetadata: define,
    metadata: (key: Key, value: unknown) => (target: object) => define(key, value, target),
  });
}
