# Chainfire, the cluster's configuration store: raft on the control plane.
import ./service.nix {
  name = "chainfire";
  title = "Chainfire";
  ports = { apiPort = 2379; raftPort = 2380; };
  after = [ ];
  arguments = { cfg, config, ... }: [
    "--config" "${config.flint.node.secrets}/cluster-config.json"
    "--tls-dir" config.flint.node.secrets
    "--api-port" (toString cfg.apiPort)
    "--raft-port" (toString cfg.raftPort)
    "--state-dir" "/var/lib/chainfire"
  ];
}
