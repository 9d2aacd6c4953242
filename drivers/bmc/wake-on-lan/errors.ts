import { FlintError } from "../../../foundation/errors.js";

export function notSent(machine: string, host: string, found: string): FlintError {
  return new FlintError("WAKE_NOT_SENT", {
    subject: `${machine}, Wake-on-LAN from the ${host}`,
    expected: "the magic packet to be sent",
    found,
    remedy:
      "The host needs perl, and pxe.address must be its own address on the provisioning network. Then run `pulumi up` again, or switch the machine on by hand.",
  });
}
