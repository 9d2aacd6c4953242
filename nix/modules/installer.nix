# The installer that nodes boot from the network: lets in whoever holds the keys that came with the boot, as the host that
# they say, and tells on demand what machine it is on (flint-identity). The boot script loads the keys as a second archive
# beside the shared image, at /flint in the initramfs.
{ config, lib, pkgs, ... }:
let
  tool = name: packages: file: pkgs.writeShellScriptBin name ''
    export PATH=${lib.makeBinPath packages}:$PATH
    exec ${pkgs.bash}/bin/sh ${../scripts}/${file} "$@"
  '';
  identity = tool "flint-identity" [ pkgs.coreutils pkgs.gawk pkgs.gnused pkgs.util-linux ] "identity.sh";
  console = tool "flint-console" [ pkgs.coreutils pkgs.gnused pkgs.iproute2 pkgs.openssh pkgs.util-linux ] "installer-console.sh";
  keys = tool "flint-installer-keys" [ pkgs.coreutils pkgs.openssh ] "installer-keys.sh";
in
{
  config = {
    environment.systemPackages = [ identity console ];

    services.openssh = {
      enable = true;
      hostKeys = lib.mkForce [ { type = "ed25519"; path = "/etc/ssh/ssh_host_ed25519_key"; } ];
      authorizedKeysFiles = lib.mkForce [ "/root/.ssh/authorized_keys" ];
      settings = {
        AllowUsers = [ "root" ];
        PermitRootLogin = lib.mkForce "prohibit-password";
        PasswordAuthentication = false;
        KbdInteractiveAuthentication = false;
      };
    };
    systemd.services.sshd.wantedBy = lib.mkForce [ "multi-user.target" ];

    # What is at /flint in the initramfs is gone after the switch to the real root; /run stays.
    boot.initrd.postMountCommands = lib.mkIf (!config.boot.initrd.systemd.enable) ''
      if [ -d /flint ]; then mkdir -p -m 700 /run/flint && cp -a /flint/. /run/flint/; fi
    '';
    boot.initrd.systemd.services.flint-keys = lib.mkIf config.boot.initrd.systemd.enable {
      description = "Keep the keys that came with the boot";
      wantedBy = [ "initrd.target" ];
      before = [ "initrd-switch-root.target" ];
      unitConfig = { DefaultDependencies = false; ConditionPathIsDirectory = "/flint"; };
      serviceConfig = { Type = "oneshot"; ExecStart = [ "/bin/mkdir -p -m 700 /run/flint" "/bin/cp -a /flint/. /run/flint/" ]; };
    };
    systemd.services.flint-installer-keys = {
      description = "Let in the cluster's key, and nobody else";
      wantedBy = [ "multi-user.target" ];
      requiredBy = [ "sshd.service" ];
      before = [ "sshd.service" "sshd-keygen.service" ];
      serviceConfig = { Type = "oneshot"; RemainAfterExit = true; ExecStart = "${keys}/bin/flint-installer-keys"; };
    };

    # Name, address, phase and host key on the console, instead of a login.
    systemd.services."getty@".enable = false;
    systemd.services."serial-getty@".enable = false;
    systemd.services.flint-console = {
      description = "Flint's installer on the console";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [ "flint-installer-keys.service" "network-online.target" ];
      serviceConfig = {
        ExecStart = "${console}/bin/flint-console";
        WorkingDirectory = "/root";
        Restart = "always";
        RestartSec = 1;
        StandardInput = "tty-force";
        StandardOutput = "tty";
        StandardError = "tty";
        TTYPath = "/dev/console";
      };
    };
  };
}
