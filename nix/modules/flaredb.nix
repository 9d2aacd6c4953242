# FlareDB, the cluster's database: raft on the control plane, after Chainfire.
import ./service.nix {
  name = "flaredb";
  title = "FlareDB";
  ports = { apiPort = 2479; raftPort = 2480; };
  after = [ "chainfire" ];
  arguments = { cfg, config, ... }: [
    "--config" "${config.flint.node.secrets}/cluster-config.json"
    "--tls-dir" config.flint.node.secrets
    "--api-port" (toString cfg.apiPort)
    "--raft-port" (toString cfg.raftPort)
    "--state-dir" "/var/lib/flaredb"
  ];
}
