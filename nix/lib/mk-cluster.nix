# mkCluster: the outputs of an operator's flake.
#
#   nixpkgs, disko    flakes; default: the ones that Flint's own flake follows
#   clusterFile       cluster.json (a path); an empty file is a cluster without nodes
#   modules           added to every node: the packages of the four services, and whatever else the operator runs
#   nodeModules       { node01 = [ … ]; }: added to that node
#   facterReports     { node01 = ./facter/node01.json; }: what nixos-facter found; drivers are chosen by it, instead of all
#   installerModules  added to the netboot images
#   specialArgs       handed to all modules
#
# → nixosConfigurations.<node>            every node of cluster.json
#   packages.<system>.netboot-<profile>   kernel, initrd, netboot.ipxe, manifest.json
#   checks.<system>.<node>-store-secrets  fails when the system's closure holds a private key
{ self }:
{
  nixpkgs ? self.inputs.nixpkgs,
  disko ? self.inputs.disko,
  clusterFile ? null,
  cluster ? clusterFile,
  modules ? [ ],
  nodeModules ? { },
  facterReports ? { },
  installerModules ? [ ],
  specialArgs ? { },
}:
let
  inherit (builtins) attrNames concatStringsSep filter listToAttrs mapAttrs;
  data =
    if cluster == null then throw "mkCluster: no clusterFile. Give the flake's input `cluster' (see the template), which Flint replaces with the cluster's data."
    else import ./cluster.nix cluster;
  platforms = [ "x86_64-linux" "aarch64-linux" ];
  each = names: make: listToAttrs (map (name: { inherit name; value = make name; }) names);

  strays = what: given: filter (name: !(data.nodes ? ${name})) (attrNames given);
  known = what: given:
    if strays what given == [ ] || data.nodes == { } then given
    else throw "mkCluster: ${what} names ${concatStringsSep ", " (strays what given)}, which cluster.json does not have. Its nodes are ${concatStringsSep ", " (attrNames data.nodes)}.";

  node = name: entry: nixpkgs.lib.nixosSystem {
    inherit specialArgs;
    modules = import ./node-modules.nix data name ++ [
      { nixpkgs.hostPlatform = nixpkgs.lib.mkDefault entry.system; }
      disko.nixosModules.disko
      (import ../disko { inherit (entry) disk; })
      (import ./hardware.nix { report = (known "facterReports" facterReports).${name} or null; })
    ] ++ modules ++ (known "nodeModules" nodeModules).${name} or [ ];
  };

  nodes = mapAttrs node data.nodes;
in
{
  nixosConfigurations = nodes;
  packages = each platforms (system: each (map (profile: "netboot-${profile}") (attrNames (import ./profiles.nix))) (name:
    import ../images/netboot.nix {
      inherit nixpkgs system specialArgs;
      profile = nixpkgs.lib.removePrefix "netboot-" name;
      modules = installerModules;
    }));
  checks = each platforms (system: listToAttrs (map
    (name: {
      name = "${name}-store-secrets";
      value = import ../checks/store-secrets.nix { inherit (nodes.${name}) pkgs; toplevel = nodes.${name}.config.system.build.toplevel; inherit name; };
    })
    (filter (name: data.nodes.${name}.system == system) (attrNames data.nodes))));
}
