/** Everything in here is local to the rack's network namespace. */
export const NETWORK = "10.76.0.0/14";
export const PROVISIONING = "10.77.0.0/16";
export const CLUSTER = "10.79.0.0/16";
export const HOST = "10.77.0.1";
export const INTERFACE = "eth1";

const machineNumber = (n: number) => `${1 + Math.floor(n / 250)}.${1 + (n % 250)}`;
const hex = (n: number) =>
  n
    .toString(16)
    .padStart(4, "0")
    .replace(/(..)(..)/, "$1:$2");

/** The machine with this number, from 1 on. */
export function describeMachine(n: number) {
  const name = `node${String(n).padStart(n > 99 ? 3 : 2, "0")}`;
  return {
    name,
    mac: `52:54:00:00:${hex(n)}`,
    clusterMac: `52:54:00:01:${hex(n)}`,
    addresses: { provisioning: `10.77.${machineNumber(n)}`, cluster: `10.79.${machineNumber(n)}` },
    bmc: `10.78.${machineNumber(n)}`,
    serial: `SIM-${n}`,
    diskSerial: `DISK-${n}`,
    uuid: `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`,
    firmware: "uefi" as const,
  };
}

/** Of so many machines. */
export const namesOf = (machines: number): string[] =>
  Array.from({ length: machines }, (_, at) => describeMachine(at + 1).name);
