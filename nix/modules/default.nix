# Everything that a node of a Flint cluster runs.
{
  imports = [
    ./cluster.nix
    ./networks.nix
    ./firewall.nix
    ./host.nix
    ./provisioning.nix
    ./chainfire.nix
    ./flaredb.nix
    ./iam.nix
    ./plasmavmc.nix
    ./cluster-join.nix
    ./health.nix
    ./rollback.nix
  ];
}
