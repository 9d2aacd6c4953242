# The four services of the cluster. Flint brings their modules, not the programs, and nixpkgs has none of them: add the flake
# that builds yours to flake.nix, and hand it on with `specialArgs = { inherit photoncloud; };`. Each package has bin/<name>;
# the arguments that it is started with: services.<name>.arguments in docs/nix-options.md.
{ pkgs, ... }: # { pkgs, photoncloud, ... }:
{
  # services.chainfire.package = pkgs.chainfire;
  # services.flaredb.package = pkgs.flaredb;
  # services.iam.package = pkgs.iam;
  # services.plasmavmc.package = pkgs.plasmavmc;
}
