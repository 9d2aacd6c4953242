/** Texts that makers leave in fields that they never filled. */
const UNFILLED =
  /^(0+|0123456789|1234567890|to be filled.*|default string|not specified|system serial number|n\/a|none)$/i;

/** UUIDs that say there is none (DSP0134, "System — UUID"). */
const NO_UUID = /^(0{8}-(0{4}-){3}0{12}|f{8}-(f{4}-){3}f{12})$/i;

/** What a field says of this very machine; undefined where its maker wrote nothing. */
export function filledIn(field: string | null | undefined): string | undefined {
  const text = field?.trim() ?? "";
  return text === "" || UNFILLED.test(text) || NO_UUID.test(text) ? undefined : text;
}
