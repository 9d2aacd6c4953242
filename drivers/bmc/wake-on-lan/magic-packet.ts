/**
 * What wakes a sleeping card: six bytes FF, then its MAC sixteen times (AMD, "Magic Packet Technology", publication 20213).
 * @param mac `52:54:00:00:00:01`.
 */
export function magicPacket(mac: string): Buffer {
  const address = Buffer.from(mac.replaceAll(":", ""), "hex");
  if (address.length !== 6) throw new TypeError(`not a MAC address: ${mac}`);
  return Buffer.concat([Buffer.alloc(6, 0xff), ...Array<Buffer>(16).fill(address)]);
}
