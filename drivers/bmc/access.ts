import { z } from "zod";
import type { BmcDriver, DriverContext } from "./driver.js";

/** What a driver's address may take from elsewhere than the machine's own declaration. */
export interface Surroundings {
  /** The machine's own, or that of all BMCs. */
  username: string;
  password: string;
  /** How the certificates of all BMCs are trusted, where one says nothing of its own. */
  common: { ca?: string | undefined; fingerprint?: string | undefined };
  /** Of the card that boots: lower case, colons. */
  mac: string;
  /** IPv4 address of the provisioning host in the machine's network. */
  from: string;
}

interface Typed {
  type: string;
}

/** A driver, as the rest of Flint knows it before it is loaded: a preview opens none. */
export interface Access<Declared extends Typed = Typed, Address extends Typed = Typed> {
  /** Its name: the `type` of what is declared, and of its addresses. */
  type: Declared["type"] & Address["type"];
  /** What a machine's resource says of its BMC, without the password. */
  declared: z.ZodType<Declared>;
  /** Completes it. */
  address(declared: Declared, surroundings: Surroundings): Address;
  /** What few calls at once may be made to, where several machines may share it. Absent: the machine stands alone. */
  sharedBy?(address: Address): string;
  /** The machine's power can be seen; elsewhere its silence has to do. */
  seesPower: boolean;
  /** Loads it. Nothing is sent before its first method is called. */
  open(address: Address, context: DriverContext): Promise<BmcDriver>;
}

/** Has TypeScript infer both, and hold the value to the interface. */
export const access = <Declared extends Typed, Address extends Typed>(
  of: Access<Declared, Address>,
): Access<Declared, Address> => of;

/** What machines of one name share the limit of calls at once of, beside their own BMC's. */
export const chassis = z.string().optional();
