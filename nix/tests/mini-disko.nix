# What disko makes of `disko.devices`, for the types that Flint's layouts use, without disko and nixpkgs: the text of a shell
# script that wipes, partitions, formats and mounts on /mnt. Stands in for disko in the virtual rack and in tests; what is
# formatted there is the same value that disko gets on real machines. zfs is not here.
devices:
let
  inherit (builtins) attrNames attrValues concatLists concatMap concatStringsSep filter foldl' hasAttr map replaceStrings sort;
  quote = s: "'${replaceStrings [ "'" ] [ "'\\''" ] (toString s)}'";
  lines = concatStringsSep "\n";
  options = content: concatStringsSep "," (content.mountOptions or [ ]);
  byLabel = partition: "/dev/disk/by-partlabel/${partition.label}";

  types = {
    EF00 = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
    EF02 = "21686148-6449-6E6F-744E-656564454649";
    "8300" = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
  };
  rest = partition: partition.size == "100%";
  ordered = partitions:
    let all = attrValues partitions; in
    filter (p: (p.type or "") == "EF02") all ++ filter (p: !rest p && (p.type or "") != "EF02") all ++ filter rest all;

  # content: { create, mounts }; `create` are lines of shell, `mounts` sets of where, device and how.
  mounted = content: device: map
    (where: {
      inherit where;
      how = lines ([ "mkdir -p ${quote "/mnt${where}"}" "mount -t ${content.format or content.type}${if options content == "" then "" else " -o ${quote (options content)}"} ${device} ${quote "/mnt${where}"}" ]
        ++ (if content ? postMountHook then [ content.postMountHook ] else [ ]));
    })
    (if content ? mountpoint then [ content.mountpoint ] else [ ]);
  mkfs = {
    vfat = device: "mkfs.vfat -F 32 ${device} > /dev/null";
    # inode tables and journal are written in the background later
    ext4 = device: "mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1,discard ${device}";
  };
  kinds = {
    filesystem = content: device: { create = [ (mkfs.${content.format} device) ]; mounts = mounted content device; };
    btrfs = content: device: {
      create = [ "mkfs.btrfs --quiet ${concatStringsSep " " (map quote content.extraArgs)} ${device}" "udevadm settle; btrfs device scan > /dev/null" ];
      mounts = mounted content device;
    };
    luks = content: device:
      let inner = render content.content "/dev/mapper/${content.name}"; key = quote content.settings.keyFile; in
      {
        create = [ "cryptsetup --batch-mode luksFormat ${device} --key-file ${key}" "cryptsetup open ${device} ${content.name} --key-file ${key}" ] ++ inner.create;
        inherit (inner) mounts;
      };
    mdraid = content: device: { create = [ ]; mounts = [ ]; members.${content.name} = [ device ]; };
  };
  render = content: device:
    if content == null then { create = [ ]; mounts = [ ]; }
    else if hasAttr content.type kinds then kinds.${content.type} content device
    else throw "mini-disko: no ${content.type} here; use disko";

  disks = map (name: devices.disk.${name}) (attrNames devices.disk);
  partitionsOf = disk: ordered disk.content.partitions;
  contents = map (p: render (p.content or null) (byLabel p)) (concatMap partitionsOf disks);
  members = name: concatLists (map (c: (c.members or { }).${name} or [ ]) contents);
  mirrors = map
    (name:
      let mirror = devices.mdadm.${name}; devs = members name; inner = render mirror.content "/dev/md/${name}"; in
      {
        create = [
          "mdadm --create /dev/md/${name} --run --force --homehost=any --level=${toString mirror.level} --metadata=${mirror.metadata} --raid-devices=${toString (builtins.length devs)} ${concatStringsSep " " ((mirror.extraArgs or [ ]) ++ devs)}"
          "udevadm settle"
        ] ++ inner.create;
        inherit (inner) mounts;
      })
    (attrNames (devices.mdadm or { }));
  all = contents ++ mirrors;
  # A directory before what is mounted below it.
  mounts = sort (a: b: builtins.lessThan a.where b.where) (concatMap (c: c.mounts) all);
  unsupported = filter (kind: !(builtins.elem kind [ "disk" "mdadm" ])) (attrNames devices);
in
if unsupported != [ ] then throw "mini-disko: no ${toString unsupported} here; use disko" else
lines (
  [ "set -eu" "umount -R /mnt 2> /dev/null || :" ]
  ++ concatMap
    (disk: [
      ''
        disk=$(realpath ${disk.device})
        echo "disko: $disk: wiping"
        lsblk --list --noheadings --paths --output TYPE,NAME "$disk" | tac | while read -r type node; do
          case $type in
            raid*) mdadm --quiet --stop "$node" ;;
            crypt) cryptsetup close "$node" ;;
            part | disk) wipefs --all --force --quiet "$node" ;;
          esac
        done
        echo "disko: $disk: GPT with ${concatStringsSep ", " (map (p: p.label) (partitionsOf disk))}"
        sfdisk --quiet --wipe always --wipe-partitions always "$disk" <<'TABLE'
        label: gpt
        ${concatStringsSep "\n" (map (p: "${if rest p then "" else "size=${p.size}iB, "}type=${types.${p.type or "8300"}}, name=\"${p.label}\"") (partitionsOf disk))}
        TABLE''
    ])
    disks
  ++ [
    ''
      udevadm settle
      tries=0
      for device in ${toString (map byLabel (concatMap partitionsOf disks))}; do
        until [ -b "$device" ]; do
          tries=$((tries + 1))
          [ $tries -lt 50 ] || { echo "disko: the new partition $device did not appear" >&2; exit 1; }
          sleep 0.1
        done
      done
      echo "disko: making file systems"''
  ]
  ++ concatMap (c: c.create) all
  ++ [ "echo \"disko: mounting on /mnt\"" ]
  ++ map (m: m.how) mounts
  ++ [ "" ]
)
