{
  description = "Flint's NixOS modules: what the nodes of a cluster run, and the image they are installed from";

  # No inputs: an operator's flake brings nixpkgs and disko, and calls lib.mkCluster.
  outputs = { ... }: {
    nixosModules.default = ./modules;

    lib = {
      readCluster = import ./lib/cluster.nix;
      nodeModules = import ./lib/node-modules.nix;

      # Everything that Flint builds, as outputs of an operator's flake:
      #   inputs.cluster = { url = "file+file:///dev/null"; flake = false; };   # Flint gives the real one
      #   outputs = { nixpkgs, disko, flint, cluster, ... }: flint.lib.mkCluster {
      #     inherit nixpkgs disko cluster;
      #     modules = [ { services.chainfire.package = …; } ];
      #   };
      mkCluster = import ./lib/mk-cluster.nix;
    };
  };
}
