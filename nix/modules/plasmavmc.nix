# PlasmaVMC, which runs the virtual machines: on every node.
import ./service.nix {
  name = "plasmavmc";
  title = "PlasmaVMC";
  ports = { port = 8081; };
  after = [ "chainfire" "flaredb" "iam" ];
  arguments = { cfg, config, ... }: [
    "--config" "${config.flint.node.secrets}/cluster-config.json"
    "--tls-dir" config.flint.node.secrets
    "--port" (toString cfg.port)
    "--iam-port" (toString config.services.iam.port)
  ];
}
