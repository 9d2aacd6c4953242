{
  description = "Systems of the virtual rack: Flint's modules on a small Debian, built without nixpkgs";

  # All three are given on the command line (--override-input NAME path:…).
  inputs = {
    cluster = { url = "file+file:///dev/null"; flake = false; }; # cluster.json, written by the Pulumi program
    flint = { url = "file+file:///dev/null"; flake = false; }; # Flint's nix directory
    debian = { url = "file+file:///dev/null"; flake = false; }; # blobs.json, written by ./prepare
  };

  outputs = { cluster, flint, debian, ... }:
    let
      lib = import "${flint}/tests/mini-lib.nix";
      blobs = import ./lib/blobs.nix { file = "${debian}/blobs.json"; };
      run = import ./lib/run.nix { inherit blobs; };
      data = import "${flint}/lib/cluster.nix" cluster;
      systems = sandbox: builtins.mapAttrs
        (name: _: import ./lib/system.nix { inherit lib blobs run flint sandbox; modules = import "${flint}/lib/node-modules.nix" data name; })
        data.nodes;
    in
    {
      nixosConfigurations = systems false;
      sandboxedConfigurations = systems true; # for containers, whose processor is not emulated
      packages.x86_64-linux = builtins.listToAttrs (map
        (profile: { name = "netboot-${profile}"; value = import ./lib/netboot.nix { inherit blobs run profile; }; })
        [ "control-plane" "worker" "all-in-one" ]);
    };
}
