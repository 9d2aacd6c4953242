# FlareDB, the cluster's database: raft on the control plane, after Chainfire.
import ./service.nix {
  name = "flaredb";
  title = "FlareDB";
  ports = { apiPort = 2479; raftPort = 2480; };
  internal = [ "raftPort" ];
  after = [ "chainfire" ];
  cpuWeight = 500;
  arguments = { cfg, ... }: [
    "--config" "%d/cluster-config.json"
    "--tls-dir" "%d"
    "--api-port" (toString cfg.apiPort)
    "--raft-port" (toString cfg.raftPort)
    "--state-dir" "/var/lib/flaredb"
  ];
}
