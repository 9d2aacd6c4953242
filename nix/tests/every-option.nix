# Each option of the modules by itself: { "<path>" = { example = accepted; wrong = refused; } }. `lib` is nixpkgs' or mini-lib.
{ lib, standIn }:
let
  inherit (builtins) deepSeq elemAt filter foldl' genList length listToAttrs map tryEval;
  mini = import ./mini-lib.nix;
  declared = import ../reference/collect.nix { lib = mini; } (mini.evalModules { modules = [ ../modules ]; }).options;
  package = { type = "derivation"; name = "photon"; outPath = "/opt/photon"; };
  base = {
    _module.args.pkgs = { bash = package; coreutils = package; curl = package; jq = package; };
    flint.cluster = { name = lib.mkDefault "dev"; domain = lib.mkDefault "dev.example.com"; };
    flint.node = {
      name = lib.mkDefault "node01";
      profile = lib.mkDefault "control-plane";
      networks.cluster = {
        mac = lib.mkDefault "52:54:00:00:01:01";
        address = lib.mkDefault "10.0.200.10";
        bond = { members = lib.mkDefault [ "52:54:00:00:00:01" "52:54:00:00:01:01" ]; };
      };
      networks.provisioning = { mac = "52:54:00:00:00:01"; address = "10.0.100.50"; };
    };
  };
  named = map (part: if part == "<name>" then "cluster" else part);
  at = path: value: foldl' (inner: i: { ${elemAt path (length path - 1 - i)} = inner; }) value (genList (i: i) (length path));
  read = path: config: foldl' (set: part: set.${part}) config path;
  given = path: value:
    let config = (lib.evalModules { modules = [ ../modules standIn base (at path (lib.mkForce value)) ]; }).config; in
    (tryEval (deepSeq (read path config) true)).success;
  # The only example that is an expression is a package.
  exampleOf = option: if option.type.description == "a package" then package else option.example;
in
listToAttrs (map
  ({ path, option }: {
    name = builtins.concatStringsSep "." path;
    value = {
      described = builtins.stringLength option.description > 10;
      example = option ? example && given (named path) (exampleOf option);
      wrong = !(given (named path) [ 1 ]);
    };
  })
  declared)
