{
  description = "The systems of my cluster";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    disko = { url = "github:nix-community/disko"; inputs.nixpkgs.follows = "nixpkgs"; };

    # Flint's nix directory. As a file path it is given by the stack file, beside the flake:
    #   system: { flake: ./nix, inputs: { flint: ./node_modules/pulumi-flint/nix } }
    # and by hand with --override-input flint path:…/node_modules/pulumi-flint/nix
    flint = {
      url = "path:./flint";
      inputs = { nixpkgs.follows = "nixpkgs"; disko.follows = "disko"; };
    };

    # cluster.json: Flint replaces it at every build. Empty here, so that the flake evaluates without Flint.
    cluster = { url = "file+file:///dev/null"; flake = false; };
  };

  outputs = { nixpkgs, disko, flint, cluster, ... }: flint.lib.mkCluster {
    inherit nixpkgs disko;
    clusterFile = cluster;
    modules = [ ./packages.nix ./system.nix ];
    # nodeModules.node01 = [ ./node01.nix ];             # for one machine only
    # facterReports.node01 = ./facter/node01.json;       # drivers by what nixos-facter found
  };
}
