# IAM, identities and permissions, kept in FlareDB.
import ./service.nix {
  name = "iam";
  title = "IAM";
  ports = { port = 8080; };
  after = [ "chainfire" "flaredb" ];
  arguments = { cfg, config }: [
    "--config" "%d/cluster-config.json"
    "--tls-dir" "%d"
    "--port" (toString cfg.port)
    "--flaredb-port" (toString (config.services.flaredb.apiPort or 2479))
  ];
}
