import { CIPHER_SUITES, type CipherSuite } from "../../drivers/bmc/ipmi/address.js";
import { addressNumber, networkOf } from "./ipv4.js";

/** One kind of text or number in the configuration: how it is read, and what a person is told when it cannot be. */
export interface Format<T> {
  /** What is allowed, with an example. */
  allowed: string;
  remedy: string;
  /** The value in its one form, or undefined when it is not of this format. */
  read(value: unknown): T | undefined;
}

function text(allowed: string, remedy: string, read: (value: string) => string | undefined): Format<string> {
  return { allowed, remedy, read: (value) => (typeof value === "string" ? read(value.trim()) : undefined) };
}

function matching(pattern: RegExp): (value: string) => string | undefined {
  return (value) => (pattern.test(value) ? value : undefined);
}

/** Names go into host names, unit names, paths, iPXE and Nix: hence the narrow alphabet. */
export const machineName = text(
  "a lower-case letter, then letters, digits and hyphens, at most 32 characters, as node01",
  "Rename it.",
  matching(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/),
);

export const resourcePrefix = text(
  "lower-case letters, digits and hyphens, as east-",
  "Leave it out unless one stack has several clusters.",
  matching(/^[a-z][a-z0-9-]{0,31}$/),
);

export const domainName = text(
  "a DNS domain in lower case, as dev.example.com",
  "Use a domain that you control, or one under example.com for trials.",
  (value) =>
    value.length <= 200 &&
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value) &&
    !/(^|\.)\d+$/.test(value)
      ? value
      : undefined,
);

/** Lower case with colons. A group address (odd first byte) or all zeros cannot be a card's own. */
export const mac = text(
  "six hex pairs of a single card, as 52:54:00:00:00:01",
  "Copy the MAC address from the machine's BMC, firmware menu or label.",
  (value) => {
    const plain = value.toLowerCase().replaceAll("-", ":");
    if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(plain) || plain === "00:00:00:00:00:00") return undefined;
    return Number.parseInt(plain.slice(0, 2), 16) % 2 === 0 ? plain : undefined;
  },
);

export const ipv4 = text(
  "an IPv4 address, as 10.0.100.50",
  "Write four decimal numbers of 0–255 without leading zeros.",
  (value) => (addressNumber(value) === undefined ? undefined : value),
);

export const cidr = text(
  "an IPv4 network of /8 to /30, as 10.0.100.0/24",
  "Write the network's first address and its prefix length.",
  (value) => {
    const network = networkOf(value);
    return network !== undefined && network.prefixLength >= 8 && network.prefixLength <= 30 ? value : undefined;
  },
);

export const sshAddress = text(
  "user@host, as root@10.0.100.1",
  "Write the account and the address that ssh takes; the port goes into `port`.",
  matching(/^[a-z_][a-z0-9_-]{0,31}@[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/),
);

export const interfaceName = text(
  "a network interface of the provisioning host, as eth1",
  "Look it up with `ip link` on the provisioning host.",
  matching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/),
);

/** Scheme, host and port only: paths are found through the service root. */
export const redfishUrl = text(
  "https://host or https://host:port, as https://10.0.100.150",
  "Write the BMC's address without a path; Redfish is spoken over https only.",
  (value) => {
    if (!/^https:\/\/[^/@\s?#]+\/?$/i.test(value) || !URL.canParse(value)) return undefined;
    return new URL(value).origin;
  },
);

export const redfishSystem = text(
  "the path of a ComputerSystem, as /redfish/v1/Systems/1",
  "Take it from the BMC's /redfish/v1/Systems, or leave it out when there is only one.",
  matching(/^\/redfish\/v1\/[A-Za-z0-9_./:-]{1,200}$/),
);

export const chassisName = text(
  'text of at most 63 letters, digits, dots, hyphens and underscores, as "rack1-left"',
  "Use the name by which you know the chassis; the same for all of its machines.",
  matching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/),
);

/** Host and, where it is not 623, UDP port. */
export const ipmiHost = text(
  "host or host:port, as 10.0.100.150",
  "Write the address or name of the BMC alone, without a scheme or path; the UDP port where it is not 623.",
  (value) => {
    const [, host = "", port] = /^([A-Za-z0-9][A-Za-z0-9.-]{0,252})(?::(\d{1,5}))?$/.exec(value) ?? [];
    const looksLikeAddress = /^[\d.]+$/.test(host);
    if (host === "" || (looksLikeAddress && addressNumber(host) === undefined)) return undefined;
    if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
    return port === undefined || port === "623" ? host.toLowerCase() : `${host.toLowerCase()}:${Number(port)}`;
  },
);

export const cipherSuite: Format<CipherSuite> = {
  allowed: `one of ${CIPHER_SUITES.join(", ")}: those with authentication, integrity and encryption`,
  remedy: "Leave it out for the best that the BMC lists, or choose one of them.",
  read: (value) => CIPHER_SUITES.find((suite) => suite === value),
};

/** Upper case hex without separators. */
export const fingerprint = text(
  "the SHA-256 of the BMC's certificate in hex, as AB:CD:… (32 pairs)",
  "Show it with `openssl s_client -connect HOST:443 </dev/null | openssl x509 -noout -fingerprint -sha256`.",
  (value) => {
    const hex = value.replaceAll(":", "").toUpperCase();
    return /^[0-9A-F]{64}$/.test(hex) ? hex : undefined;
  },
);

export const serial = text(
  "a serial number without spaces, as S4EVNX0R",
  "Copy it from `lsblk -o NAME,SERIAL,WWN,SIZE`, from the BMC or from the label; put it in quotes when it has digits only.",
  matching(/^[A-Za-z0-9][A-Za-z0-9_.:+/-]{0,63}$/),
);

export const uuid = text(
  "a UUID, as 4c4c4544-0042-3510-8052-b4c04f564d31",
  "Copy it from `cat /sys/class/dmi/id/product_uuid`, or from the BMC.",
  matching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
);

export const wwn = text(
  "a World Wide Name, as 0x5002538e40a1b2c3 or eui.0025388b710d1234",
  "Copy it from `lsblk -o NAME,WWN`.",
  matching(/^(0x[0-9a-f]{16,32}|eui\.[0-9a-f]{16,32}|nvme\.[A-Za-z0-9_.-]{1,128}|uuid\.[0-9a-f-]{36})$/),
);

export const releaseMark = text(
  "the fingerprint of one disk's content as named in the refusal, as S4EVNX0R-1f3a",
  "Copy it from the error that refused the disk; it is no use for any other disk.",
  matching(/^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,127}$/),
);

export const sha256 = text("64 hex digits", "Compute it with `sha256sum FILE`.", (value) =>
  /^[0-9a-f]{64}$/i.test(value) ? value.toLowerCase() : undefined,
);

export const kernelParam = text(
  "one kernel parameter without spaces or quotes, as console=ttyS0,115200",
  "Give each parameter an entry of its own.",
  matching(/^[A-Za-z0-9][A-Za-z0-9_.,:=@+/-]{0,255}$/),
);

export const labelName = text(
  "lower-case letters, digits, dots, hyphens, slashes and underscores, at most 63, as rack",
  "Rename the label.",
  matching(/^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/),
);

export const labelValue = text(
  'text of at most 63 letters, digits, dots, hyphens and underscores, as "a1"',
  "Shorten it, and put numbers in quotes.",
  matching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/),
);

export const line = text(
  "text on one line",
  "Remove line breaks, and put numbers in quotes.",
  matching(/^[^\0\r\n]{1,4096}$/),
);

export const script = text("a shell command", "Write the command as text.", matching(/^[^\0]{1,65536}$/));

const PUBLIC_KEY = "an OpenSSH public key on one line, as ssh-ed25519 AAAA…";

/** A host's. */
export const publicKey = text(
  PUBLIC_KEY,
  "Take it from `ssh-keyscan HOST` or from a .pub file, and compare its fingerprint with the machine's console.",
  // ssh-keyscan puts the host's name before the key.
  (value) =>
    /^([^\s]+ )??((ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]{40,}={0,3}( [^\r\n]*)?)$/.exec(
      value,
    )?.[2],
);

/** Of somebody who may log in. */
export const authorizedKey: Format<string> = {
  allowed: PUBLIC_KEY,
  remedy: "Copy it from the .pub file of whoever may log in.",
  read: publicKey.read,
};

export const port: Format<number> = {
  allowed: "a TCP port, 1–65535",
  remedy: "Write it as a plain number.",
  read: (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65535 ? value : undefined,
};

export const mtu: Format<number> = {
  allowed: "bytes, 576–9216, as 9000",
  remedy: "Write what the network's switches carry, as a plain number, or leave it out.",
  read: (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= 576 && value <= 9216 ? value : undefined,
};

export const vlan: Format<number> = {
  allowed: "a VLAN tag, 1–4094",
  remedy: "Write it as a plain number, or leave it out where the switch does not tag.",
  read: (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 4094 ? value : undefined,
};

export const installsAtOnce: Format<number> = {
  allowed: "a whole number, 1–1000",
  remedy: "Write how many machines may be written to at the same time, or leave it out for 16.",
  read: (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 1000 ? value : undefined,
};

export const generation: Format<number> = {
  allowed: "a whole number from 1",
  remedy: "Raise it by one to reinstall the node.",
  read: (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= 1 && value < 1e6 ? value : undefined,
};

export const flag: Format<boolean> = {
  allowed: "true or false",
  remedy: "Write it without quotes.",
  read: (value) => (typeof value === "boolean" ? value : undefined),
};

const SECONDS = { s: 1, m: 60, h: 3600 };

/** A length of time, in seconds. */
export const duration: Format<number> = {
  allowed: 'a time as "90s", "15m" or "1h", from 1 s to 24 h',
  remedy: "Add the unit s, m or h.",
  read(value) {
    const parts = typeof value === "string" ? /^(\d{1,5})([smh])$/.exec(value.trim()) : null;
    if (parts === null) return undefined;
    const seconds = Number(parts[1]) * SECONDS[parts[2] as keyof typeof SECONDS];
    return seconds >= 1 && seconds <= 86_400 ? seconds : undefined;
  },
};

/** dnsmasq takes no lease below two minutes. In seconds. */
export const leaseTime: Format<number> = {
  allowed: 'a time as "10m" or "1h", from 2 min to 24 h',
  remedy: duration.remedy,
  read(value) {
    const seconds = duration.read(value);
    return seconds === undefined || seconds < 120 ? undefined : seconds;
  },
};

const BYTES: Record<string, number> = { MB: 1e6, GB: 1e9, TB: 1e12, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** A disk's size, in bytes. */
export const size: Format<number> = {
  allowed: 'a size as "480GB", "1.92TB" or "6GiB"',
  remedy: "Write what the disk's label says, with its unit.",
  read(value) {
    const parts = typeof value === "string" ? /^(\d{1,6}(?:\.\d{1,3})?) ?([MGT]i?B)$/.exec(value.trim()) : null;
    const unit = BYTES[parts?.[2] ?? ""];
    return parts === null || unit === undefined ? undefined : Math.round(Number(parts[1]) * unit);
  },
};

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[], remedy: string): Format<T> {
  return {
    allowed: words.length === 1 ? `${words[0]}` : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
    remedy,
    read: (value) => words.find((word) => word === value),
  };
}
