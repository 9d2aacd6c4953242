# The part of nixpkgs' lib that Flint's modules use, in pure builtins: options, types, evalModules, and a few functions on
# lists and sets. The modules evaluate with it in milliseconds and without a network; on real machines they get nixpkgs' own
# lib. Whatever is missing here is missing on purpose: a module that needs it does not evaluate in the tests.
let
  inherit (builtins)
    all any attrNames concatLists concatMap concatStringsSep elem elemAt filter foldl' functionArgs genList head isAttrs isBool
    isFunction isInt isList isPath isString length listToAttrs map mapAttrs tail toJSON;

  dotted = concatStringsSep ".";
  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  namesOf = sets: unique (concatMap attrNames sets);
  kind = v: if isAttrs v then v._type or "" else "";

  # A module's config with mkIf, mkMerge and mkOverride pushed one level down, so that the names of its attributes are known
  # before any condition is: a condition may itself depend on the configuration.
  pushDown = v:
    if kind v == "if" then map (mapAttrs (_: mkIf v.condition)) (pushDown v.content)
    else if kind v == "merge" then concatMap pushDown v.contents
    else if kind v == "override" then map (mapAttrs (_: mkOverride v.priority)) (pushDown v.content)
    else [ v ];
  under = name: sets: concatMap (set: if set ? ${name} then [ set.${name} ] else [ ]) sets;

  # Definitions of one option: [ { priority; value; } ], conditions decided.
  decide = priority: v:
    if kind v == "if" then (if v.condition then decide priority v.content else [ ])
    else if kind v == "merge" then concatMap (decide priority) v.contents
    else if kind v == "override" then decide v.priority v.content
    else [ { inherit priority; value = v; } ];
  strongest = definitions:
    let best = foldl' (a: d: if d.priority < a then d.priority else a) 10000 definitions; in
    map (d: d.value) (filter (d: d.priority == best) definitions);
  mergeAs = path: type: raw: type.merge path (strongest (concatMap (decide 100) raw));

  shown = v: let r = builtins.tryEval (toJSON v); in if isFunction v then "a function" else if r.success then r.value else "a value";
  expect = path: type: v:
    if type.check v then v else throw "The option `${dotted path}' must be ${type.description}; found ${shown v}.";

  scalar = description: check: rec {
    inherit description check;
    getSubOptions = _: { };
    merge = path: values:
      let checked = map (expect path { inherit description check; }) values; in
      if all (v: v == head checked) (tail checked) then head checked
      else throw "The option `${dotted path}' has conflicting values: ${concatStringsSep ", " (map shown checked)}.";
  };

  types = rec {
    str = scalar "a string" isString;
    int = scalar "an integer" isInt;
    bool = scalar "a boolean" isBool;
    port = scalar "a port number (0 to 65535)" (v: isInt v && v >= 0 && v <= 65535);
    path = scalar "an absolute path" (v: isPath v || isString v && builtins.substring 0 1 v == "/");
    package = scalar "a package" (v: isAttrs v && v ? outPath || isPath v);
    raw = scalar "a value" (_: true);
    ints.unsigned = scalar "an integer, 0 or more" (v: isInt v && v >= 0);
    ints.positive = scalar "an integer, 1 or more" (v: isInt v && v > 0);
    enum = values: scalar "one of ${concatStringsSep ", " (map toJSON values)}" (v: elem v values);
    strMatching = pattern: scalar "a string matching ${pattern}" (v: isString v && builtins.match pattern v != null);
    lines = str // { merge = path: values: concatStringsSep "\n" (map (expect path str) values); };
    nullOr = type: {
      description = "null or ${type.description}";
      inherit (type) getSubOptions;
      check = v: v == null || type.check v;
      merge = path: values: if all (v: v == null) values then null else type.merge path (filter (v: v != null) values);
    };
    either = a: b: {
      description = "${a.description} or ${b.description}";
      getSubOptions = _: { };
      check = v: a.check v || b.check v;
      merge = path: values: (if all a.check values then a else if all b.check values then b
        else scalar "${a.description} or ${b.description}" (v: a.check v || b.check v)).merge path values;
    };
    oneOf = list: foldl' either (head list) (tail list);
    listOf = type: rec {
      description = "a list of ${type.description}";
      getSubOptions = path: type.getSubOptions (path ++ [ "*" ]);
      check = isList;
      merge = path: values: concatLists (map
        (v: let list = expect path { inherit description check; } v; in
          genList (i: mergeAs (path ++ [ "[${toString i}]" ]) type [ (elemAt list i) ]) (length list))
        values);
    };
    attrsOf = type: rec {
      description = "a set of ${type.description}";
      getSubOptions = path: type.getSubOptions (path ++ [ "<name>" ]);
      check = isAttrs;
      merge = path: values:
        let
          sets = concatMap (v: pushDown (expect path { inherit description check; } v)) values;
          present = name: concatMap (decide 100) (under name sets) != [ ];
        in
        listToAttrs (map (name: { inherit name; value = mergeAs (path ++ [ name ]) type (under name sets); })
          (filter present (namesOf sets)));
    };
    anything = {
      description = "anything";
      getSubOptions = _: { };
      check = _: true;
      merge = path: values:
        if all (v: isAttrs v && !(v ? outPath)) values then (attrsOf anything).merge path values
        else if all isList values then concatLists values
        else (scalar "anything" (_: true)).merge path values;
    };
    submodule = module: rec {
      description = "a set of options";
      getSubOptions = path: (evalModules { prefix = path; modules = [ module { _module.args.name = "<name>"; } ]; }).options;
      check = v: isAttrs v || isFunction v;
      merge = path: values: (evalModules {
        prefix = path;
        modules = [ module { _module.args.name = if path == [ ] then "" else elemAt path (length path - 1); } ]
          ++ map (v: let m = expect path { inherit description check; } v; in if isFunction m then m else { config = m; }) values;
      }).config;
    };
  };

  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOption = declaration: declaration // { _type = "option"; };

  evalModules = { modules, specialArgs ? { }, prefix ? [ ] }:
    let
      load = m:
        if isPath m || isString m then load (import m)
        else if isFunction m then
          let given = { inherit config options lib; } // specialArgs; in
          m (given // mapAttrs (name: _: given.${name} or config'._module.args.${name} or (throw "a module asks for `${name}', which nobody gives")) (functionArgs m))
        else m;
      shaped = m:
        if m ? config || m ? options || m ? imports
        then { imports = m.imports or [ ]; options = m.options or { }; config = m.config or { }; }
        else { imports = [ ]; options = { }; config = removeAttrs m [ "_file" "key" ]; };
      # Each file once, however many import it. One that imports itself does not end in nixpkgs' lib either.
      gather = above: state: m:
        let
          key = if isPath m || isString m then [ (toString m) ] else [ ];
          s = shaped (load m);
          imported = foldl' (gather (above ++ key)) { seen = state.seen ++ key; inherit (state) out; } s.imports;
        in
        if key != [ ] && elem (head key) above then throw "The module ${head key} imports itself."
        else if key != [ ] && elem (head key) state.seen then state else imported // { out = imported.out ++ [ s ]; };
      arguments.options._module.args = mkOption {
        default = { };
        type = { description = "arguments"; check = isAttrs; merge = _: foldl' (a: b: a // b) { }; };
      };
      loaded = (foldl' (gather [ ]) { seen = [ ]; out = [ ]; } ([ arguments ] ++ modules)).out;

      declared = path: sets:
        if any (s: kind s == "option") sets
        then (if length sets > 1 then throw "The option `${dotted path}' is declared twice." else head sets)
        else listToAttrs (map (name: { inherit name; value = declared (path ++ [ name ]) (under name sets); }) (namesOf sets));
      declarations = declared prefix (map (m: m.options) loaded);

      # As modules see them: with isDefined, which is true where there is a default too.
      annotated = option: raw:
        if kind option == "option" then option // { isDefined = option ? default || concatMap (decide 100) raw != [ ]; }
        else let sets = concatMap pushDown raw; in mapAttrs (name: o: annotated o (under name sets)) option;
      options = removeAttrs (annotated declarations (map (m: m.config) loaded)) [ "_module" ];

      valueOf = path: option: raw:
        if kind option == "option" then
          let
            given = concatMap (decide 100) raw;
            all' = given ++ (if option ? default then decide 1500 option.default else [ ]);
            type = option.type or types.anything;
          in
          if all' == [ ] then throw "The option `${dotted path}' is used but has no value."
          else (option.apply or (v: v)) (type.merge path (strongest all'))
        else
          let
            sets = concatMap pushDown raw;
            unknown = filter (name: !(option ? ${name})) (namesOf sets);
          in
          if unknown != [ ] then throw "The option `${dotted (path ++ [ (head unknown) ])}' does not exist."
          else mapAttrs (name: o: valueOf (path ++ [ name ]) o (under name sets)) option;
      config' = valueOf prefix declarations (map (m: m.config) loaded);
      config = removeAttrs config' [ "_module" ];
    in
    { inherit options config; };

  lib = {
    inherit types mkIf mkMerge mkOverride mkOption evalModules unique;
    mkDefault = mkOverride 1000;
    mkForce = mkOverride 50;
    makeBinPath = packages: concatStringsSep ":" (map (package: "${package}/bin") packages);
    literalExpression = text: { _type = "literalExpression"; inherit text; };
    mkEnableOption = what: mkOption { type = types.bool; default = false; description = "Whether to enable ${what}."; };
    optional = c: v: if c then [ v ] else [ ];
    optionals = c: list: if c then list else [ ];
    optionalAttrs = c: set: if c then set else { };
    optionalString = c: s: if c then s else "";
    filterAttrs = keep: set: listToAttrs (map (name: { inherit name; value = set.${name}; }) (filter (n: keep n set.${n}) (attrNames set)));
    mapAttrsToList = f: set: map (n: f n set.${n}) (attrNames set);
    mapAttrs' = f: set: listToAttrs (map (n: f n set.${n}) (attrNames set));
    nameValuePair = name: value: { inherit name value; };
    genAttrs = names: f: listToAttrs (map (name: { inherit name; value = f name; }) names);
    concatMapStrings = f: list: concatStringsSep "" (map f list);
    concatMapStringsSep = sep: f: list: concatStringsSep sep (map f list);
    inherit concatStringsSep;
    removePrefix = prefix: s: if lib.hasPrefix prefix s then builtins.substring (builtins.stringLength prefix) (-1) s else s;
    removeSuffix = suffix: s:
      let kept = builtins.stringLength s - builtins.stringLength suffix; in
      if kept >= 0 && builtins.substring kept (-1) s == suffix then builtins.substring 0 kept s else s;
    hasPrefix = prefix: s: builtins.substring 0 (builtins.stringLength prefix) s == prefix;
    boolToString = b: if b then "true" else "false";
    escapeShellArg = s: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString s)}'";
    escapeShellArgs = list: concatStringsSep " " (map lib.escapeShellArg list);
  };
in
lib
