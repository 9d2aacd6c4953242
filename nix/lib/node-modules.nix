# The modules of one node: Flint's own, and the node's entry of cluster.json as their values. The entry and the cluster's name
# and domain are all that goes in, so a node's system does not change when another node comes or goes.
cluster: name:
let node = cluster.nodes.${name}; in
[
  ../modules
  {
    flint.cluster = { inherit (cluster) name domain; };
    flint.node = { inherit name; inherit (node) profile networks hosts labels disk sshAuthorizedKeys; };
    boot.kernelParams = node.kernelParams;
    services = builtins.intersectAttrs { chainfire = null; flaredb = null; iam = null; plasmavmc = null; } node.services;
  }
]
