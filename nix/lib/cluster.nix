# Reads cluster.json, the secret-free data of a cluster that the Pulumi program writes, and checks it: every problem at once,
# each with its path. Pure builtins; `import ./cluster.nix file`. An empty file (/dev/null, the template's stand-in for the
# file that Flint gives) is a cluster without nodes.
file:
let
  inherit (builtins) attrNames concatLists concatMap concatStringsSep elem filter fromJSON isAttrs isBool isInt isList isString map mapAttrs match readFile toJSON;

  text = readFile file;
  data = if text == "" then { version = 1; cluster = { name = "none"; domain = "none"; }; nodes = { }; } else fromJSON text;
  profiles = attrNames (import ./profiles.nix);
  systems = [ "x86_64-linux" "aarch64-linux" ];
  layouts = [ "single-uefi" "single-bios" "mdraid-uefi" "mdraid-bios" "btrfs-uefi" "btrfs-bios" "zfs-uefi" ];
  networks = [ "provisioning" "cluster" ];

  problem = ok: path: expected: found: if ok then [ ] else [ "${path}: expected ${expected}, found ${toJSON found}" ];
  matches = pattern: v: isString v && match pattern v != null;
  label = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
  set = v: if isAttrs v then v else { };

  ofNetwork = import ./check-network.nix { inherit problem matches; };

  # What one disk is recognised by.
  ofIdentity = path: disk:
    problem (disk ? serial || disk ? wwn || disk ? minSize || disk ? maxSize) path "a serial, a wwn, or a size" (attrNames disk)
    ++ problem (!(disk ? serial) || isString disk.serial) "${path}.serial" "a string" (disk.serial or null)
    ++ problem (!(disk ? wwn) || isString disk.wwn) "${path}.wwn" "a string" (disk.wwn or null)
    ++ concatMap (key: problem (!(disk ? ${key}) || isInt disk.${key} && disk.${key} > 0) "${path}.${key}" "a size in bytes" (disk.${key} or null)) [ "minSize" "maxSize" ];

  ofDisk = path: disk:
    let pair = elem (disk.layout or null) layouts && match "single-.*" disk.layout == null; in
    problem (elem (disk.layout or null) layouts) "${path}.layout" "one of ${toString layouts}" (disk.layout or null)
    ++ problem (matches "flint-[0-9a-f]{8}" (disk.mark or null)) "${path}.mark" "the name by which Flint knows its own disks, such as flint-1a2b3c4d" (disk.mark or null)
    ++ ofIdentity path disk
    ++ problem (pair == (disk ? mirror)) "${path}.mirror" (if pair then "the second disk of layout ${disk.layout}" else "nothing with layout ${toString (disk.layout or null)}") (disk.mirror or null)
    ++ (if disk ? mirror then ofIdentity "${path}.mirror" (set disk.mirror) else [ ])
    ++ (if disk ? data then ofIdentity "${path}.data" (set disk.data) ++ problem (isBool (disk.data.encrypted or false)) "${path}.data.encrypted" "true or false" (disk.data.encrypted or null) else [ ]);

  ofNode = name: node:
    let path = "nodes.${name}"; in
    problem (matches label name) path "a host name as key" name
    ++ problem (elem (node.profile or null) profiles) "${path}.profile" "one of ${toString profiles}" (node.profile or null)
    ++ problem (elem (node.system or null) systems) "${path}.system" "one of ${toString systems}" (node.system or null)
    ++ concatMap (n: problem (elem n networks) "${path}.networks.${n}" "one of ${toString networks} as key" n) (attrNames (set (node.networks or null)))
    ++ problem (set (node.networks or null) ? provisioning) "${path}.networks.provisioning" "a network" null
    ++ concatLists (map (n: ofNetwork "${path}.networks.${n}" (set node.networks.${n})) (attrNames (set (node.networks or null))))
    ++ ofDisk "${path}.disk" (set (node.disk or null))
    ++ problem (isAttrs (node.hosts or { })) "${path}.hosts" "a set of hosts" (node.hosts or null)
    ++ problem (isList (node.kernelParams or [ ])) "${path}.kernelParams" "a list of strings" (node.kernelParams or null)
    ++ problem (isAttrs (node.labels or { })) "${path}.labels" "a set of strings" (node.labels or null)
    ++ problem (isAttrs (node.services or { })) "${path}.services" "a set of services" (node.services or null)
    ++ problem (isList (node.sshAuthorizedKeys or [ ])) "${path}.sshAuthorizedKeys" "a list of public keys" (node.sshAuthorizedKeys or null);

  cluster = set (data.cluster or null);
  problems =
    problem (data.version or null == 1) "version" "1" (data.version or null)
    ++ problem (matches label (cluster.name or null)) "cluster.name" "a name of letters, digits and hyphens" (cluster.name or null)
    ++ problem (matches "${label}(\\.${label})*" (cluster.domain or null)) "cluster.domain" "a domain name" (cluster.domain or null)
    ++ problem (isAttrs (data.nodes or null)) "nodes" "a set of nodes" (data.nodes or null)
    ++ concatMap (name: ofNode name (set data.nodes.${name})) (attrNames (set (data.nodes or null)));
in
if problems != [ ] then throw "cluster.json: ${concatStringsSep "; " problems}"
else {
  inherit (cluster) name domain;
  nodes = mapAttrs (name: node: { hosts = { }; kernelParams = [ ]; labels = { }; services = { }; sshAuthorizedKeys = [ ]; } // node // { inherit name; }) data.nodes;
}
