{
  description = "Flint: what the nodes of a cluster run, and the image they are installed from";

  # Both follow the flake that uses this one (see templates/default). There are no others.
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    disko = {
      url = "github:nix-community/disko";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { self, nixpkgs, disko }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      perSystem = make: builtins.listToAttrs (map (system: { name = system; value = make system; }) systems);
      example = self.lib.mkCluster {
        inherit nixpkgs disko;
        clusterFile = ./tests/example/cluster.json;
        modules = [ ./tests/example/packages.nix ];
      };
    in
    {
      # For a NixOS configuration that is not made by mkCluster. Each brings the options that it needs.
      nixosModules = {
        default = ./modules; # all of the following
        chainfire = ./modules/chainfire.nix;
        flaredb = ./modules/flaredb.nix;
        iam = ./modules/iam.nix;
        plasmavmc = ./modules/plasmavmc.nix;
        cluster-join = ./modules/cluster-join.nix; # first boot: form or join the raft groups, set IAM up
        health = ./modules/health.nix; # says at the end of a boot whether the node serves
        provisioning = ./modules/provisioning.nix; # ssh, a store that takes new systems, a place for secrets
      };

      lib = {
        mkCluster = import ./lib/mk-cluster.nix { inherit self; }; # a whole cluster from cluster.json
        readCluster = import ./lib/cluster.nix; # file → { name; domain; nodes; }, checked
        nodeModules = import ./lib/node-modules.nix; # cluster: name: [ modules ]
        profiles = import ./lib/profiles.nix; # what runs on a node of each profile
      };

      # netboot-control-plane, netboot-worker, netboot-all-in-one: kernel, initrd, netboot.ipxe, manifest.json
      inherit (example) packages;

      checks = perSystem (system: import ./checks { inherit nixpkgs system; inherit (example) nixosConfigurations; });

      templates.default = {
        path = ./templates/default;
        description = "A cluster's systems: Flint's modules, your packages";
        welcomeText = "Put your services' packages into packages.nix, and name this directory in the stack file: system: { flake: ./nix }.";
      };
    };
}
