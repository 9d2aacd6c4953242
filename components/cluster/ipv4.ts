/** An IPv4 network with the numbers needed to ask whether an address belongs to it. */
export interface Network {
  /** As declared, `10.0.100.0/24`. */
  cidr: string;
  first: number;
  last: number;
  prefixLength: number;
}

/** The address as an unsigned number, or undefined when it is not four decimal numbers of 0–255 without leading zeros. */
export function addressNumber(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

/** 167797760 → `10.0.100.0`. */
export function addressText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** The network of `10.0.100.0/24`; a host part such as in `10.0.100.7/24` is cut off (compare `cidr` to notice). */
export function networkOf(text: string): Network | undefined {
  const [base, length, rest] = text.split("/");
  if (base === undefined || length === undefined || rest !== undefined || !/^(0|[1-9]\d?)$/.test(length))
    return undefined;
  const address = addressNumber(base);
  const prefixLength = Number(length);
  if (address === undefined || prefixLength > 32) return undefined;
  const size = 2 ** (32 - prefixLength);
  const first = Math.floor(address / size) * size;
  return { cidr: `${addressText(first)}/${prefixLength}`, first, last: first + size - 1, prefixLength };
}

/** True for an address of the network that a machine can have: neither its network nor its broadcast address. */
export function holdsHost(network: Network, address: string): boolean {
  const value = addressNumber(address);
  return value !== undefined && value > network.first && value < network.last;
}

/** The addresses that machines of the network can have, as `10.0.100.1–10.0.100.254`. */
export function hostRange(network: Network): string {
  return `${addressText(network.first + 1)}–${addressText(network.last - 1)}`;
}

export function overlap(one: Network, other: Network): boolean {
  return one.first <= other.last && other.first <= one.last;
}
