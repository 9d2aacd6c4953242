import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SystemSource } from "../../../drivers/nix/driver.js";

/** Builders of a shell only: nix's sandbox gives them nothing else. `salt` makes every run build anew. */
const flake = (salt: string) => `{
  inputs.cluster = { url = "file+file:///dev/null"; flake = false; };
  outputs = { self, cluster }:
    let
      system = "x86_64-linux";
      data = builtins.fromJSON (builtins.readFile cluster);
      write = name: text: derivation {
        inherit name system text;
        salt = "${salt}";
        builder = "/bin/sh";
        args = [ "-c" "case $text in *FAIL*) echo broken on purpose; exit 1;; esac; printf %s \\"$text\\" > $out" ];
      };
    in {
      nixosConfigurations = builtins.mapAttrs (name: node: {
        config.system.build = {
          toplevel = write "nixos-system-\${name}" (builtins.toJSON { inherit name node; domain = data.cluster.domain; });
          diskoScript = write "disko-\${name}" (builtins.toJSON node.disk);
        };
      }) data.nodes;
      packages.\${system} = {
        netboot-worker = ./worker;
        netboot-control-plane = "\${./control-plane}";
        netboot-all-in-one = write "netboot" "no directory";
        broken = write "broken" "FAIL";
        throws = throw "thrown on purpose";
      };
    };
}
`;

const manifests = {
  worker: {
    version: 1,
    arch: "x86_64",
    kernel: { file: "bzImage", size: 1, sha256: "a".repeat(64) },
    initrd: { file: "initrd", size: 2, sha256: "b".repeat(64) },
    cmdline: "init=/init",
  },
  "control-plane": { version: 2 },
};

/** A flake without nixpkgs in a directory of its own. */
export class FlakeFixture implements Disposable {
  readonly directory = mkdtempSync(path.join(tmpdir(), "flint-flake-"));
  readonly source: SystemSource = { flake: this.directory, inputs: {} };

  constructor(text = flake(`${process.pid}-${Date.now()}`)) {
    writeFileSync(path.join(this.directory, "flake.nix"), text);
    for (const [profile, manifest] of Object.entries(manifests)) {
      mkdirSync(path.join(this.directory, profile));
      writeFileSync(path.join(this.directory, profile, "manifest.json"), JSON.stringify(manifest));
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
