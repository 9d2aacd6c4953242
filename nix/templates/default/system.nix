# What all machines have beside Flint's modules. All options: docs/nix-options.md.
{
  system.stateVersion = "25.11"; # the NixOS with which the cluster began; not changed by updates

  # flint.host.timeServers = [ "10.0.100.1" ];
  # services.chainfire.limits.memoryMax = "8G";
}
