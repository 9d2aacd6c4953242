import { utils } from "ssh2";

/** A new Ed25519 key: the private one in OpenSSH's form, the public one as a line. Both carry the comment. */
export function makeKeyPair(comment: string): { privateKey: string; publicKey: string } {
  // About one in two hundred keys that ssh2 writes cannot be read back (a leading zero is lost): make another one.
  for (;;) {
    const pair = utils.generateKeyPairSync("ed25519", { comment });
    if (!(utils.parseKey(pair.private) instanceof Error)) {
      return {
        privateKey: pair.private.endsWith("\n") ? pair.private : `${pair.private}\n`,
        publicKey: pair.public.trim(),
      };
    }
  }
}
