/** Members that hold a link (DSP0266, "Reference properties", "Actions"). */
const LINKS = new Set(["@odata.id", "target", "@Redfish.ActionInfo"]);

/**
 * A link's path on the BMC that we talk to. Links may be relative (RFC 3986) or absolute, with an address that only the BMC
 * can reach, or another host's: the host is dropped, credentials go nowhere else.
 */
export function pathOf(link: string, base = "/"): string {
  const { pathname, search } = new URL(link, new URL(base, "https://bmc.invalid"));
  // Two slashes at its beginning would make the next word a host.
  return `${pathname.replace(/^\/+/, "/")}${search}`;
}

/** The answer to a GET of `base` with all its links as paths. */
export function withPaths(value: unknown, base: string): unknown {
  if (Array.isArray(value)) return value.map((each) => withPaths(each, base));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      LINKS.has(key) && typeof inner === "string" && URL.canParse(inner, "https://bmc.invalid")
        ? pathOf(inner, base)
        : withPaths(inner, base),
    ]),
  );
}
