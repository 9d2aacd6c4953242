import { utils } from "ssh2";

/**
 * A host key for one boot of the installer. Only this machine's address may fetch it, only until the installer is up;
 * so the installer is trusted by key, not by its address.
 */
export function makeInstallerKey(node: string): { privateKey: string; publicKey: string } {
  // About one in two hundred keys that ssh2 writes cannot be read back (a leading zero is lost): make another one.
  for (;;) {
    const pair = utils.generateKeyPairSync("ed25519", { comment: `installer of ${node}` });
    if (!(utils.parseKey(pair.private) instanceof Error)) {
      return {
        privateKey: pair.private.endsWith("\n") ? pair.private : `${pair.private}\n`,
        publicKey: pair.public.trim(),
      };
    }
  }
}
