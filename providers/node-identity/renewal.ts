/** A certificate that ends within half a year is made anew by the next `pulumi up`. */
const RENEW_MS = 183 * 86_400_000;

export function endsSoon({ expires }: { expires?: string }): boolean {
  return expires !== undefined && Date.parse(expires) - Date.now() < RENEW_MS;
}
