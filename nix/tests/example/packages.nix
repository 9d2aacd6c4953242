# Stand-ins for the services' packages, so that the example evaluates.
{ pkgs, ... }:
{
  services = builtins.listToAttrs (map
    (name: { inherit name; value.package = pkgs.runCommand name { } ''mkdir -p "$out/bin"; ln -s /bin/false "$out/bin/${name}"''; })
    [ "chainfire" "flaredb" "iam" "plasmavmc" ]);
  system.stateVersion = "25.11";
}
