import { z } from "zod";
import type { Access, Surroundings } from "./access.js";
import type { BmcDriver, DriverContext } from "./driver.js";
import * as table from "./table.js";

type Row = (typeof table)[keyof typeof table];

/** What a machine's resource says of its BMC; `type` chooses the driver. */
export type DeclaredBmc = z.output<Row["declared"]>;
/** Where and how a machine's BMC is reached. */
export type BmcAddress = ReturnType<Row["address"]>;

const rows = Object.values(table);

export const declaredBmc = z.union(rows.map(({ declared }) => declared));

/** What is declared, completed for its driver. */
export function bmcAddress(declared: DeclaredBmc, surroundings: Surroundings): BmcAddress {
  return accessOf(declared).address(declared, surroundings);
}

/** What few calls at once may be made to; undefined where the machine stands alone. */
export function sharedBy(address: BmcAddress): string | undefined {
  return accessOf(address).sharedBy?.(address);
}

/** Whether the machine's power can be seen. Elsewhere its silence has to do. */
export function seesPower(declared: DeclaredBmc): boolean {
  return accessOf(declared).seesPower;
}

/** Opens the driver for a machine's BMC. Nothing is sent before its first method is called. Close it after use. */
export async function openBmc(address: BmcAddress, context: DriverContext): Promise<BmcDriver> {
  return accessOf(address).open(address, context);
}

function accessOf({ type }: { type: Row["type"] }): Access<DeclaredBmc, BmcAddress> {
  const found = rows.find((row) => row.type === type);
  if (found === undefined) throw new Error(`no BMC driver ${type}`);
  return found;
}
