# `nix flake check`: the modules' promises, by evaluation (no system is built), as one derivation per subject. A broken promise
# is an evaluation error that names it.
{ nixpkgs, system, nixosConfigurations }:
let
  inherit (builtins) attrNames concatMap concatStringsSep deepSeq filter listToAttrs map mapAttrs;
  pkgs = nixpkgs.legacyPackages.${system};
  profiles = import ../lib/profiles.nix;
  verdict = name: broken:
    if broken == [ ] then pkgs.runCommand "flint-${name}" { } ''echo ok > "$out"''
    else throw "check ${name}: ${concatStringsSep "; " broken}";
  require = condition: text: if condition then [ ] else [ text ];
  nodes = map (name: { inherit name; inherit (nixosConfigurations.${name}) config; }) (attrNames nixosConfigurations);
  ofNodes = check: concatMap (node: map (text: "${node.name}: ${text}") (check node.config)) nodes;
  services = [ "chainfire" "flaredb" "iam" "plasmavmc" ];
in
{
  # Each node runs what its profile says, and nothing else.
  profiles = verdict "profiles" (ofNodes (config: concatMap
    (name: require (config.services.${name}.enable == builtins.elem name profiles.${config.flint.node.profile}.services) "${name} does not follow the profile")
    services));

  # Services have users of their own, and get keys as credentials.
  units = verdict "units" (ofNodes (config: concatMap
    (name:
      let unit = config.systemd.services.${name}.serviceConfig; in
      if !config.services.${name}.enable then [ ] else
      require (unit.User == name) "${name} runs as ${unit.User}"
      ++ require (builtins.any (line: builtins.match "node\\.key:.*" line != null) unit.LoadCredential) "${name} gets no key")
    services));

  # No assertion fails, and no option is set that NixOS does not have.
  assertions = verdict "assertions" (ofNodes (config: map (a: a.message) (filter (a: !a.assertion) config.assertions)));

  # Every node's system evaluates to a derivation.
  systems = verdict "systems" (ofNodes (config: require (deepSeq config.system.build.toplevel.drvPath true) "does not evaluate"));
}
