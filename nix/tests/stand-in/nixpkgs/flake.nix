{
  description = "Stands in for nixpkgs in tests: Flint's own evalModules, NixOS' options by name and type, derivations that write a file";

  # mini-lib.nix and nixos-options.nix are laid beside this file by the test.
  outputs = { self }:
    let
      mini = import ./mini-lib.nix;
      systems = [ "x86_64-linux" "aarch64-linux" ];
      pkgsFor = system: rec {
        inherit system;
        runCommand = name: attributes: script: derivation (attributes // { inherit name; system = builtins.currentSystem or "x86_64-linux"; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-euc" script ]; });
        tool = name: runCommand name { } ''mkdir -p "$out/bin"'';
        writeShellScriptBin = name: text: runCommand name { inherit text; } ''mkdir -p "$out/bin"; echo "$text" > "$out/bin/$name"'';
        bash = tool "bash"; coreutils = tool "coreutils"; curl = tool "curl"; gawk = tool "gawk"; gnused = tool "gnused"; iproute2 = tool "iproute2";
        jq = tool "jq"; openssh = tool "openssh"; systemd = tool "systemd"; util-linux = tool "util-linux";
        closureInfo = { rootPaths }: runCommand "closure-info" { inherit rootPaths; } ''mkdir "$out"; for path in $rootPaths; do echo "$path"; done > "$out/store-paths"'';
      };
    in
    {
      lib = mini // {
        nixosSystem = { modules, specialArgs ? { } }:
          let
            evaluated = mini.evalModules {
              inherit specialArgs;
              modules = modules ++ [ ./nixos-options.nix { _module.args = { inherit pkgs; }; } ];
            };
            pkgs = pkgsFor evaluated.config.nixpkgs.hostPlatform;
          in
          { inherit pkgs; inherit (evaluated) config options; };
      };
      legacyPackages = builtins.listToAttrs (map (name: { inherit name; value = pkgsFor name; }) systems);
    };
}
