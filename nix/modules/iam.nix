# IAM, identities and permissions, kept in FlareDB.
import ./service.nix {
  name = "iam";
  title = "IAM";
  ports = { port = 8080; };
  after = [ "chainfire" "flaredb" ];
  arguments = { cfg, config, ... }: [
    "--config" "${config.flint.node.secrets}/cluster-config.json"
    "--tls-dir" config.flint.node.secrets
    "--port" (toString cfg.port)
    "--flaredb-port" (toString config.services.flaredb.apiPort)
  ];
}
