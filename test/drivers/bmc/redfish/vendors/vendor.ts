import type { IncomingHttpHeaders } from "node:http";

/** A change that a client asks for. */
export interface Change {
  method: string;
  /** Without a slash at its end. */
  path: string;
  headers: IncomingHttpHeaders;
  body: { Boot?: Partial<BootState>; ResetType?: string };
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: object;
}

export interface BootState {
  BootSourceOverrideEnabled: string;
  BootSourceOverrideTarget: string;
  BootSourceOverrideMode: string;
}

/** One machine and what its BMC knows of it. */
export interface MachineState {
  power: "On" | "Off" | "PoweringOn" | "PoweringOff";
  boot: BootState;
  /** The machine's self-test after power-on. */
  inPost: boolean;
  /** Changes with every change of the resource. */
  etag: string;
}

/**
 * A vendor's BMC as far as its documentation or recordings in public go: the members of its payloads that matter here, and
 * its rules. Serial numbers and addresses are made up.
 */
export interface Vendor {
  name: string;
  sources: readonly string[];
  /** Path of the ComputerSystem, and of others that are listed with it. */
  system: string;
  listedToo?: readonly string[];
  /** Whether the stack file names the system. */
  declared?: true;
  /** ComputerSystem without what changes. */
  payload: Record<string, unknown>;
  boot: Record<string, unknown>;
  reset: Record<string, unknown>;
  /** Further resources. */
  resources?: Record<string, object>;
  /** Members of the service root that lead to the sessions. Default: `Links.Sessions`. `none`: no sessions at all. */
  sessions?: "service" | "none";
  /** Location of a new session: some send a whole URL. */
  sessionLocation?: (path: string) => string;
  /** Paths without a slash at the end are moved to those with one. */
  slashes?: true;
  etags?: "header" | "body" | "weak" | "none";
  /** Resource that holds the override for the next boot. */
  settings?: string;
  /** The override where nothing is set. Default: disabled. */
  initial?: Partial<BootState>;
  /** A change that this BMC refuses. */
  refuse?(change: Change, machine: MachineState): Reply | undefined;
  /** What becomes of an accepted override. Default: as sent. */
  accept?(boot: Partial<BootState>, machine: MachineState): Partial<BootState>;
  /** Answer to an accepted change. Default: 204. */
  accepted?: Reply;
  /** Milliseconds of the self-test. Default: none. */
  postMs?: number;
  identity: { vendor: string; serial: string };
  /** Boot sources that it offers, as the contract names them. Default: all. */
  devices?: readonly ("pxe" | "disk" | "uefi-http")[];
  usual?: "disk";
  /** Firmware modes that its override takes. Default: both. */
  modes?: readonly ("uefi" | "bios")[];
}

export function extended(status: number, code: string, messageId: string, text = ""): Reply {
  const info = { MessageId: messageId, ...(text === "" ? {} : { Message: text }) };
  return {
    status,
    body: { error: { code, message: "See @Message.ExtendedInfo.", "@Message.ExtendedInfo": [info] } },
  };
}
