# The options reference as Markdown, from the modules themselves: nix eval --raw -f nix/reference/options.nix
# Evaluated with tests/mini-lib.nix, so that it needs no nixpkgs.
let
  lib = import ../tests/mini-lib.nix;
  inherit (builtins) attrNames concatLists concatStringsSep filter isAttrs isList isString map replaceStrings toJSON;
  evaluated = lib.evalModules { modules = [ ../modules ]; };
  kind = v: if isAttrs v then v._type or "" else "";

  simple = v: builtins.match "[a-zA-Z_][a-zA-Z0-9_'-]*" v != null;
  nix = v:
    if kind v == "literalExpression" then v.text
    else if isString v then toJSON v
    else if isList v then (if v == [ ] then "[ ]" else "[ ${concatStringsSep " " (map nix v)} ]")
    else if isAttrs v then (if v == { } then "{ }" else "{ ${concatStringsSep " " (map (name: "${if simple name then name else toJSON name} = ${nix v.${name}};") (attrNames v))} }")
    else if v == null then "null"
    else toJSON v;
  title = path: concatStringsSep "." path;
  # A pattern's `](` would be a link.
  type = option: replaceStrings [ "](" ] [ "]\\(" ] option.type.description;
  entry = { path, option }: ''
    ### `${title path}`

    ${option.description}

    - type: ${type option}
    - default: ${
      if option ? defaultText then option.defaultText.text
      else if option ? default then "`${nix option.default}`"
      else "none, must be set"}
    ${if option ? example then "- example: `${nix option.example}`\n" else ""}
  '';

  all = import ./collect.nix { inherit lib; } evaluated.options;
  under = prefix: filter (it: lib.hasPrefix prefix "${title it.path}.") all;
  sections = [
    { heading = "The cluster"; prefix = "flint.cluster."; }
    { heading = "The node"; prefix = "flint.node."; }
    { heading = "The machine"; prefix = "flint.host."; }
    { heading = "Firewall"; prefix = "flint.firewall."; }
    { heading = "First boot"; prefix = "flint.firstBoot."; }
    { heading = "Going back from an unhealthy system"; prefix = "flint.rollback."; }
    { heading = "Chainfire"; prefix = "services.chainfire."; }
    { heading = "FlareDB"; prefix = "services.flaredb."; }
    { heading = "IAM"; prefix = "services.iam."; }
    { heading = "PlasmaVMC"; prefix = "services.plasmavmc."; }
  ];
  placed = concatLists (map (section: under section.prefix) sections);
  lost = filter (it: !(builtins.elem (title it.path) (map (x: title x.path) placed))) all;
in
if lost != [ ] then throw "reference/options.nix: no section for ${concatStringsSep ", " (map (it: title it.path) lost)}"
else ''
  # Options of Flint's NixOS modules

  Made from the modules by `scripts/nix-options`; edit the descriptions there. What Flint takes from the stack file
  (`flint.cluster`, `flint.node`, the ports) is set through cluster.json; the rest is yours, in the modules that you give to
  `mkCluster` ([nix/README.md](../nix/README.md)).

''
+ concatStringsSep "" (map (section: "## ${section.heading}\n\n${concatStringsSep "" (map entry (under section.prefix))}") sections)
