# What Flint needs to manage a node after it is installed: a way in, a store that takes new systems, and a place for secrets.
{ config, lib, ... }:
let node = config.flint.node; in
{
  imports = [ ./cluster.nix ./networks.nix ];

  config = {
    assertions = [
      {
        assertion = node.sshAuthorizedKeys != [ ] || config.users.users.root.openssh.authorizedKeys.keys != [ ];
        message = "flint.node.sshAuthorizedKeys: nobody could log in to ${node.name}, not even Flint. Give at least one public key.";
      }
    ];
    services.openssh = {
      enable = true;
      hostKeys = [ { type = "ed25519"; path = "/etc/ssh/ssh_host_ed25519_key"; } ]; # brought by the installation, so pinned before the first boot
      settings = {
        PermitRootLogin = "prohibit-password";
        PasswordAuthentication = false;
        KbdInteractiveAuthentication = false;
      };
    };
    users.users.root.openssh.authorizedKeys.keys = node.sshAuthorizedKeys;
    nix.settings.experimental-features = [ "nix-command" "flakes" ];
    systemd.tmpfiles.rules = [ "d ${toString node.secrets} 0700 root root -" "d /var/lib/flint 0755 root root -" ];
  };
}
