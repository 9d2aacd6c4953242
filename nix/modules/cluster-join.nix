# First boot of a control-plane node: forms the cluster or joins it, and sets IAM up. Each step leaves a marker in
# /var/lib/flint and does not run again.
{ config, lib, pkgs, ... }:
let
  step = import ./first-boot.nix;
  join = service: title: after: lib.mkIf config.services.${service}.enable (step {
    inherit config lib pkgs;
    description = "Join ${title} of cluster ${config.flint.cluster.name}";
    script = "cluster-join.sh";
    arguments = [ service ];
    after = [ "${service}.service" ] ++ after;
    requires = [ "${service}.service" ];
    marker = ".${service}-joined";
  });
in
{
  imports = [ ./first-boot-options.nix ./chainfire.nix ./flaredb.nix ./iam.nix ];

  config.systemd.services = {
    chainfire-cluster-join = join "chainfire" "Chainfire" [ ];
    flaredb-cluster-join = join "flaredb" "FlareDB" [ "chainfire-cluster-join.service" ];
    iam-initial-setup = lib.mkIf config.services.iam.enable (step {
      inherit config lib pkgs;
      description = "Set IAM up for cluster ${config.flint.cluster.name}";
      script = "iam-initial-setup.sh";
      after = [ "iam.service" "flaredb-cluster-join.service" ];
      requires = [ "iam.service" "flaredb-cluster-join.service" ];
      marker = ".iam-set-up";
    });
  };
}
