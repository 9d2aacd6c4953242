# PlasmaVMC, which runs the virtual machines: on every node.
import ./service.nix {
  name = "plasmavmc";
  title = "PlasmaVMC";
  ports = { port = 8081; };
  after = [ "chainfire" "flaredb" "iam" ];
  sandbox = "hypervisor";
  groups = [ "kvm" ];
  capabilities = [ "CAP_NET_ADMIN" "CAP_SYS_NICE" "CAP_IPC_LOCK" ]; # tap devices, priorities, locked memory of machines
  arguments = { cfg, config }: [
    "--config" "%d/cluster-config.json"
    "--tls-dir" "%d"
    "--port" (toString cfg.port)
    "--iam-port" (toString (config.services.iam.port or 8080))
  ];
}
