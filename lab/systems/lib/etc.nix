# The files under /etc of one system: { path = text; }, and the links under it: { path = target; }. Pure.
{ lib, config }:
let
  render = import ./units.nix { inherit lib; };
  settings = config.services.openssh.settings;
  yes = v: if v == true then "yes" else if v == false then "no" else toString v;
  wanted = lib.filterAttrs (_: unit: unit.wantedBy != [ ]) config.systemd.services;
  hosts = lib.filterAttrs (_: names: names != [ ]) config.networking.hosts;
  # The services' users, with numbers that stay: root's files on the disk belong to numbers.
  numbers = { chainfire = 901; flaredb = 902; iam = 903; plasmavmc = 904; };
  services = lib.filterAttrs (_: user: user.isSystemUser) config.users.users;
  fqdn = lib.optional (config.networking.domain != null) "${config.networking.hostName}.${config.networking.domain}";
in
{
  files = {
    "hostname" = "${config.networking.hostName}\n";
    "hosts" = "127.0.0.1 localhost\n" + lib.concatStringsSep "" (lib.mapAttrsToList (address: names: "${address} ${toString names}\n") hosts)
      + lib.optionalString (!(builtins.any (builtins.elem config.networking.hostName) (builtins.attrValues hosts))) "127.0.1.1 ${toString (fqdn ++ [ config.networking.hostName ])}\n";
    "os-release" = "NAME=\"Flint lab system\"\nPRETTY_NAME=\"Flint lab system\"\nID=nixos\nVERSION_ID=lab\n";
    "passwd" = "root:x:0:0:root:/root:/bin/bash\nsshd:x:101:65534:sshd:/run/sshd:/bin/false\nsystemd-network:x:998:998:systemd network:/:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n"
      + lib.concatStringsSep "" (lib.mapAttrsToList (name: user: "${name}:x:${toString numbers.${name}}:${toString numbers.${user.group}}:${user.description}:/var/empty:/bin/false\n") services);
    "group" = "root:x:0:\ntty:x:5:\ndisk:x:6:\nkmem:x:15:\ndialout:x:20:\ncdrom:x:24:\ntape:x:26:\naudio:x:29:\nvideo:x:44:\ninput:x:104:\nkvm:x:105:\nrender:x:106:\nsgx:x:107:\nlp:x:7:\nclock:x:108:\nsystemd-journal:x:999:\nsystemd-network:x:998:\nnogroup:x:65534:\n"
      + lib.concatMapStrings (name: "${name}:x:${toString numbers.${name}}:\n") (builtins.attrNames config.users.groups);
    "nsswitch.conf" = "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n";
    "fstab" = "PARTLABEL=${config.flint.node.disk.mark}-esp /boot vfat noauto,umask=0077 0 0\n";
    "nix/nix.conf" = "build-users-group =\nsandbox = false\nflake-registry =\nexperimental-features = ${toString config.nix.settings.experimental-features}\nsubstituters = ${toString config.nix.settings.substituters}\n";
    "ssh/sshd_config" = lib.concatMapStrings (key: "HostKey ${key.path}\n") config.services.openssh.hostKeys
      + "AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u .ssh/authorized_keys\nUsePAM no\nUseDNS no\nCiphers aes128-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com\nKexAlgorithms curve25519-sha256\nPrintMotd no\nStrictModes no\nSubsystem sftp /usr/lib/openssh/sftp-server\nSetEnv PATH=/run/current-system/sw/bin:/usr/sbin:/usr/bin\n"
      + lib.concatStringsSep "" (lib.mapAttrsToList (key: v: "${key} ${yes v}\n") settings);
    "ssh/authorized_keys.d/root" = lib.concatMapStrings (key: "${key}\n") config.users.users.root.openssh.authorizedKeys.keys;
    "tmpfiles.d/flint.conf" = lib.concatMapStrings (rule: "${rule}\n") config.systemd.tmpfiles.rules;
    "systemd/journald.conf" = "[Journal]\nStorage=volatile\nRuntimeMaxUse=32M\n";
    # etcd's runtime asks for a timer every few microseconds while it works: on an emulated processor two idle etcds would take a
    # third of it. All processes inherit the slack, by which the kernel puts timers together.
    "systemd/system.conf" = "[Manager]\nDefaultTimeoutStopSec=20s\nShowStatus=no\nTimerSlackNSec=50ms\n";
  }
  // lib.mapAttrs' (name: unit: lib.nameValuePair "systemd/system/${name}.service" (render.service unit)) config.systemd.services
  // lib.mapAttrs' (name: net: lib.nameValuePair "systemd/network/${name}.network" (render.network net)) config.systemd.network.networks
  // lib.mapAttrs' (name: dev: lib.nameValuePair "systemd/network/${name}.netdev" (render.netdev dev)) config.systemd.network.netdevs
  // builtins.mapAttrs (_: file: file.text) config.environment.etc;

  links = {
    "localtime" = "/usr/share/zoneinfo/UTC";
    "mtab" = "/proc/self/mounts";
  }
  // builtins.listToAttrs (builtins.concatMap
    (name: map (target: lib.nameValuePair "systemd/system/${target}.wants/${name}.service" "../${name}.service") wanted.${name}.wantedBy)
    (builtins.attrNames wanted));
}
