import type { JsonNameParams } from "@peculiar/x509";
import type { Subject } from "./inputs.js";

/** The name in the order and the string types that Go's crypto/x509 writes. */
export function toName(parts: Subject = {}): JsonNameParams {
  const rows: [string, string[] | string | undefined][] = [
    ["C", parts.country],
    ["O", parts.organization],
    ["OU", parts.organizationalUnit],
    ["L", parts.locality],
    ["ST", parts.province],
    ["2.5.4.9", parts.streetAddresses],
    ["2.5.4.17", parts.postalCode],
    ["CN", parts.commonName],
    ["2.5.4.5", parts.serialNumber],
  ];
  const name: JsonNameParams = rows.flatMap(([type, value]) =>
    value === undefined ? [] : [{ [type]: [value].flat().map(text) }],
  );
  if (parts.emailAddress !== undefined) name.push({ "1.2.840.113549.1.9.1": [{ ia5String: parts.emailAddress }] });
  return name;
}

const text = (value: string) =>
  /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? { printableString: value } : { utf8String: value };
