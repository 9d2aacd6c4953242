# Chainfire, the cluster's configuration store: raft on the control plane.
import ./service.nix {
  name = "chainfire";
  title = "Chainfire";
  ports = { apiPort = 2379; raftPort = 2380; };
  internal = [ "raftPort" ];
  cpuWeight = 500; # a late heartbeat is an election
  arguments = { cfg, ... }: [
    "--config" "%d/cluster-config.json"
    "--tls-dir" "%d"
    "--api-port" (toString cfg.apiPort)
    "--raft-port" (toString cfg.raftPort)
    "--state-dir" "/var/lib/chainfire"
  ];
}
