# The installer that nodes boot from the network: lets in whoever holds the keys that came with the boot, as the host that
# they say. The boot script loads them as a second archive beside the shared image, at /flint in the initrd.
{ lib, ... }:
{
  config = {
    services.openssh.enable = true;
    services.openssh.settings.PasswordAuthentication = false;
    systemd.services.sshd.wantedBy = lib.mkForce [ "multi-user.target" ];
    # What is at /flint in the initrd is gone after the switch to the real root; /run stays.
    boot.initrd.postMountCommands = ''
      if [ -d /flint ]; then mkdir -p -m 700 /run/flint && cp -a /flint/. /run/flint/; fi
    '';
    system.activationScripts.flintKeys = ''
      if [ -s /run/flint/authorized_keys ]; then install -D -m 600 /run/flint/authorized_keys /root/.ssh/authorized_keys; fi
      if [ -s /run/flint/ssh_host_ed25519_key ]; then
        install -D -m 600 /run/flint/ssh_host_ed25519_key /etc/ssh/ssh_host_ed25519_key
      fi
    '';
  };
}
