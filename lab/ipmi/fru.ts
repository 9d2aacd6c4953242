/** A product's FRU information (IPMI Platform Management FRU Information Storage Definition 1.0): header and product area. */
export function fruData(product: { vendor: string; model: string; serial: string }): Buffer {
  const text = (value: string) => [0xc0 | value.length, ...Buffer.from(value, "latin1")];
  const [empty, end] = [0xc0, 0xc1];
  const fields = [
    ...text(product.vendor),
    ...text(product.model),
    empty, // part number
    empty, // version
    ...text(product.serial),
    empty, // asset tag
    empty, // FRU file id
    end,
  ];
  const length = Math.ceil((3 + fields.length + 1) / 8) * 8;
  const area = Buffer.alloc(length);
  area.set([1, length / 8, 25, ...fields]);
  return Buffer.concat([withChecksum(Buffer.from([1, 0, 0, 0, 1, 0, 0, 0])), withChecksum(area)]);
}

/** The last byte makes the sum zero. */
function withChecksum(bytes: Buffer): Buffer {
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes[bytes.length - 1] = -sum & 0xff;
  return bytes;
}
