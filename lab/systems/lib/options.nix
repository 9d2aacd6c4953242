# The options of NixOS that Flint's modules set, as far as the rack's systems implement them.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  strings = mkOption { type = types.listOf types.str; default = [ ]; };
  section = mkOption { type = types.attrsOf types.anything; default = { }; };
  service = types.submodule {
    options = {
      description = mkOption { type = types.str; default = ""; };
      wantedBy = strings;
      after = strings;
      before = strings;
      wants = strings;
      requires = strings;
      path = mkOption { type = types.listOf types.package; default = [ ]; };
      environment = mkOption { type = types.attrsOf types.str; default = { }; };
      unitConfig = section;
      serviceConfig = section;
    };
  };
  network = types.submodule { options = { matchConfig = section; linkConfig = section; networkConfig = section; }; };
in
{
  options = {
    assertions = mkOption { type = types.listOf types.anything; default = [ ]; };
    boot.kernelParams = strings;
    environment.etc = mkOption {
      type = types.attrsOf (types.submodule { options = { text = mkOption { type = types.str; }; mode = mkOption { type = types.str; default = "symlink"; }; }; });
      default = { };
    };
    networking = {
      hostName = mkOption { type = types.str; };
      domain = mkOption { type = types.nullOr types.str; default = null; };
      hosts = mkOption { type = types.attrsOf (types.listOf types.str); default = { }; };
      useDHCP = mkOption { type = types.bool; default = true; };
      firewall.allowedTCPPorts = mkOption { type = types.listOf types.port; default = [ ]; };
    };
    nix.settings = {
      substituters = strings;
      trusted-public-keys = strings;
      experimental-features = strings;
    };
    services.openssh = {
      enable = mkOption { type = types.bool; default = false; };
      hostKeys = mkOption { type = types.listOf types.anything; default = [ ]; };
      settings = section;
    };
    systemd = {
      services = mkOption { type = types.attrsOf service; default = { }; };
      network = { enable = mkOption { type = types.bool; default = false; }; networks = mkOption { type = types.attrsOf network; default = { }; }; };
      tmpfiles.rules = strings;
    };
    users.users.root.openssh.authorizedKeys.keys = strings;
  };
}
