# The options of NixOS that Flint sets, with NixOS' types: the modules evaluate against them where there is no nixpkgs. What is
# not here does not exist, as on NixOS; so a new option is first looked up there.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  strings = mkOption { type = types.listOf types.str; default = [ ]; };
  lines = mkOption { type = types.lines; default = ""; };
  section = mkOption { type = types.attrsOf types.anything; default = { }; };
  service = types.submodule {
    options = {
      enable = mkOption { type = types.bool; default = true; };
      description = mkOption { type = types.str; default = ""; };
      wantedBy = strings;
      after = strings;
      before = strings;
      wants = strings;
      requires = strings;
      requiredBy = strings;
      path = mkOption { type = types.listOf types.package; default = [ ]; };
      environment = mkOption { type = types.attrsOf types.str; default = { }; };
      unitConfig = section;
      serviceConfig = section;
    };
  };
  network = types.submodule { options = { matchConfig = section; linkConfig = section; networkConfig = section; dhcpV4Config = section; }; };
  netdev = types.submodule { options = { netdevConfig = section; vlanConfig = section; bondConfig = section; }; };
  user = types.submodule {
    options = {
      isSystemUser = mkOption { type = types.bool; default = false; };
      group = mkOption { type = types.str; default = ""; };
      description = mkOption { type = types.str; default = ""; };
      openssh.authorizedKeys.keys = strings;
    };
  };
in
{
  options = {
    assertions = mkOption { type = types.listOf types.anything; default = [ ]; };
    boot.kernelParams = strings;
    boot.kernel.sysctl = section;
    boot.initrd = {
      availableKernelModules = strings;
      postMountCommands = lines;
      systemd = { enable = mkOption { type = types.bool; default = false; }; services = mkOption { type = types.attrsOf service; default = { }; }; };
    };
    boot.loader = {
      systemd-boot = { enable = mkOption { type = types.bool; default = false; }; configurationLimit = mkOption { type = types.nullOr types.int; default = null; }; extraInstallCommands = lines; };
      efi.canTouchEfiVariables = mkOption { type = types.bool; default = false; };
    };
    hardware.enableRedistributableFirmware = mkOption { type = types.bool; default = false; };
    hardware.enableAllHardware = mkOption { type = types.bool; default = false; };
    nixpkgs.hostPlatform = mkOption { type = types.str; };
    warnings = strings;
    environment.systemPackages = mkOption { type = types.listOf types.package; default = [ ]; };
    environment.etc = mkOption {
      type = types.attrsOf (types.submodule { options = { text = mkOption { type = types.str; }; mode = mkOption { type = types.str; default = "symlink"; }; }; });
      default = { };
    };
    networking = {
      hostName = mkOption { type = types.str; };
      domain = mkOption { type = types.nullOr types.str; default = null; };
      hosts = mkOption { type = types.attrsOf (types.listOf types.str); default = { }; };
      useDHCP = mkOption { type = types.bool; default = true; };
      nftables.enable = mkOption { type = types.bool; default = false; };
      firewall = {
        allowedTCPPorts = mkOption { type = types.listOf types.port; default = [ ]; };
        extraInputRules = lines;
        extraCommands = lines;
      };
    };
    nix.settings = {
      substituters = strings;
      trusted-public-keys = strings;
      experimental-features = strings;
    };
    services.journald.extraConfig = lines;
    services.timesyncd = {
      enable = mkOption { type = types.bool; default = true; };
      servers = mkOption { type = types.nullOr (types.listOf types.str); default = null; };
      fallbackServers = mkOption { type = types.nullOr (types.listOf types.str); default = [ ]; };
    };
    services.openssh = {
      enable = mkOption { type = types.bool; default = false; };
      hostKeys = mkOption { type = types.listOf types.anything; default = [ ]; };
      authorizedKeysFiles = strings;
      settings = section;
    };
    systemd = {
      services = mkOption { type = types.attrsOf service; default = { }; };
      network = {
        enable = mkOption { type = types.bool; default = false; };
        networks = mkOption { type = types.attrsOf network; default = { }; };
        netdevs = mkOption { type = types.attrsOf netdev; default = { }; };
      };
      tmpfiles.rules = strings;
    };
    users.users = mkOption { type = types.attrsOf user; default = { }; };
    users.groups = mkOption { type = types.attrsOf (types.attrsOf types.anything); default = { }; };
    system = {
      stateVersion = mkOption { type = types.str; default = ""; };
      activationScripts = mkOption { type = types.attrsOf types.lines; default = { }; };
      boot.loader.kernelFile = mkOption { type = types.str; default = "bzImage"; };
      build = section;
    };
  };

  config.system.build.toplevel =
    let failed = builtins.filter (a: !a.assertion) config.assertions; in
    if failed != [ ] then throw "Failed assertions: ${lib.concatMapStringsSep "; " (a: a.message) failed}"
    else pkgs.runCommand "nixos-system-${config.networking.hostName}-stand-in" { etc = builtins.toJSON config.environment.etc; units = builtins.toJSON config.systemd; } ''echo "$etc$units" > "$out"'';
}
