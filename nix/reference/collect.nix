# All options of a tree as [ { path; option; } ], those inside sets of options after their own. Works on the options of
# tests/mini-lib.nix; internal ones are left out.
{ lib }:
let
  inherit (builtins) attrNames concatMap isAttrs;
  placeholder = type:
    if lib.hasPrefix "a set of a set" type.description then [ "<name>" ]
    else if lib.hasPrefix "a list of a set" type.description then [ "*" ]
    else [ ];
  collect = path: tree:
    if isAttrs tree && tree._type or "" == "option" then
      (if tree.internal or false then [ ]
      else [ { inherit path; option = tree; } ] ++ collect (path ++ placeholder tree.type) (tree.type.getSubOptions path))
    else concatMap (name: if name == "_module" then [ ] else collect (path ++ [ name ]) tree.${name}) (attrNames tree);
in
collect [ ]
