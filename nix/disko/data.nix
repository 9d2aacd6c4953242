# A disk of its own for the raft services' state: an ext4 on /var/lib/raft, encrypted (LUKS) where disk.data.encrypted says so.
# The key is a file: the installer has it while it formats, the installed system at /etc/nixos/secrets/data.key. So a data
# disk that leaves the machine tells nothing; the system's own disk holds the key.
disk:
let
  parts = import ./parts.nix disk;
  files = {
    type = "filesystem";
    format = "ext4";
    mountpoint = "/var/lib/raft";
    # A machine whose data disk is gone starts and can be reached; the services that keep their state there do not.
    mountOptions = [ "noatime" "nofail" ];
    postMountHook = "mkdir -p -m 700 /mnt/var/lib/raft/chainfire /mnt/var/lib/raft/flaredb";
  };
in
{
  disk.data = {
    type = "disk";
    device = parts.device "data";
    content = {
      type = "gpt";
      partitions.data = {
        label = parts.label "data";
        size = "100%";
        content = if !(disk.data.encrypted or false) then files else {
          type = "luks";
          name = parts.label "data";
          settings.keyFile = "/run/flint/data.key";
          initrdUnlock = false; # the system unlocks it when it has its secrets
          content = files;
        };
      };
    };
  };
}
