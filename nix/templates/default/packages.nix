# The four services of the cluster. Each package has bin/<name>.
{ pkgs, ... }:
{
  # services.chainfire.package = pkgs.chainfire;
  # services.flaredb.package = pkgs.flaredb;
  # services.iam.package = pkgs.iam;
  # services.plasmavmc.package = pkgs.plasmavmc;
}
