/** One thing that is wrong in a configuration. */
export interface Problem {
  /** Where, as `pulumi config set --path` takes it: `nodes.node02.mac`. */
  path: string;
  /** The value, or what is the matter with it. Never a secret. */
  found: string;
  allowed: string;
  remedy: string;
}

/** ["pxe", "dhcp", "range", 0] → `pxe.dhcp.range[0]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(String(key))) text += text === "" ? String(key) : `.${String(key)}`;
    else text += `[${JSON.stringify(String(key))}]`;
  }
  return text;
}

const SECRET_KEYS = new Set<PropertyKey>(["password", "privateKey", "key"]);

/** A value as it stands in the configuration, short and without secrets. */
export function shown(value: unknown, path: readonly PropertyKey[] = []): string {
  if (value === undefined || value === null) return "missing";
  if (path.some((key) => SECRET_KEYS.has(key))) return "a value that is kept secret here";
  const text = JSON.stringify(value, (key, inner) => (SECRET_KEYS.has(key) ? "[secret]" : inner)) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
