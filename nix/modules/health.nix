# Says at the end of a boot whether this node serves: its services answer, and their stores have a quorum.
{ config, lib, pkgs, ... }:
let
  services = builtins.filter (name: config.services.${name}.enable) [ "chainfire" "flaredb" "iam" "plasmavmc" ];
  voter = config.services.chainfire.enable;
in
{
  imports = [ ./first-boot-options.nix ./chainfire.nix ./flaredb.nix ./iam.nix ./plasmavmc.nix ];

  config.systemd.services.cluster-health-check = import ./first-boot.nix {
    inherit config lib pkgs;
    description = "Health of cluster ${config.flint.cluster.name} as this node sees it";
    script = "cluster-health-check.sh";
    arguments = services;
    after = map (name: "${name}.service") services
      ++ lib.optionals voter [ "chainfire-cluster-join.service" "flaredb-cluster-join.service" "iam-initial-setup.service" ];
  };
}
