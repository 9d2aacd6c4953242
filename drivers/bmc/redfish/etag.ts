/**
 * Conditions for a change, to be tried one after the other. RFC 9110 (13.1.1) compares strongly, where a weak tag matches
 * nothing: some BMCs want theirs without `W/`, others none, others any. Empty tags (some send those) are none.
 */
export function preconditions(etag: string | undefined): { "if-match"?: string }[] {
  if (etag === undefined || etag.trim() === "" || etag === '""') return [{}, { "if-match": "*" }];
  const strong = etag.replace(/^W\//, "");
  return [{ "if-match": etag }, ...(strong === etag ? [] : [{ "if-match": strong }]), {}, { "if-match": "*" }];
}
