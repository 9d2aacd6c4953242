{
  description = "Stands in for disko in tests: takes the devices, and gives a script";
  inputs.nixpkgs.url = "path:/nixpkgs-is-given-by-the-test";
  outputs = { self, nixpkgs }: {
    nixosModules.disko = { config, lib, pkgs, ... }: {
      options.disko.devices = lib.mkOption { type = lib.types.attrsOf lib.types.anything; default = { }; };
      config.system.build.diskoScript = pkgs.runCommand "disko" { devices = builtins.toJSON config.disko.devices; } ''echo "$devices" > "$out"'';
    };
  };
}
