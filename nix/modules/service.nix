# One of the cluster's four services: its options, its user and its unit. They differ in ports, order, sandbox and arguments.
{
  name,
  title,
  # Option → TCP port. The ports of `internal` are for other nodes only.
  ports,
  internal ? [ ],
  # Services of this node that start before it.
  after ? [ ],
  # Gets { cfg, config }: the arguments after the program.
  arguments,
  # Which of lib/hardening.nix.
  sandbox ? "service",
  groups ? [ ],
  # What its user may do beyond other users.
  capabilities ? [ ],
  cpuWeight ? 100,
}:
{ config, lib, options, ... }:
let
  inherit (lib) literalExpression mkOption types;
  cfg = config.services.${name};
  node = config.flint.node;
  profiles = import ../lib/profiles.nix;
  enabled = other: config.services.${other}.enable or false;
  before = builtins.filter enabled after;
  program = if cfg.command != null then cfg.command else [ "${cfg.package}/bin/${name}" ];

  # As systemd reads a command line. Percent signs stay: %d is the directory of the credentials.
  quote = word:
    let escaped = builtins.replaceStrings [ "$" ] [ "$$" ] word; in
    if builtins.match "[A-Za-z0-9_./:=@%+,$-]+" word != null then escaped else builtins.toJSON escaped;
  credentials = [ "ca.crt" "node.crt" "node.key" "cluster-config.json" ];

  networks = builtins.filter (network: node.networks ? ${network}) cfg.networks;
  raftNetwork = node.networks.${if node.networks ? cluster then "cluster" else "provisioning"};
  cidr = network: (import ../lib/ipv4.nix).networkOf network.address network.prefixLength;
  rules =
    builtins.concatMap
      (port:
        if builtins.elem port internal
        then [{ what = "${name} ${port}"; port = cfg.${port}; to = raftNetwork.address; from = [ (cidr raftNetwork) ]; }]
        else map
          (network: {
            what = "${name} ${port}";
            port = cfg.${port};
            to = node.networks.${network}.address;
            from = if config.flint.firewall.clients == [ ] then [ ] else map cidr (builtins.attrValues node.networks) ++ config.flint.firewall.clients;
          })
          networks)
      (builtins.attrNames ports);
in
{
  imports = [ ./cluster.nix ./networks.nix ./firewall.nix ];

  options.services.${name} = {
    enable = mkOption {
      type = types.bool;
      default = builtins.elem name profiles.${node.profile}.services;
      defaultText = literalExpression "whether the profile has it";
      example = false;
      description = "Whether ${title} runs on this node.";
    };
    package = mkOption {
      type = types.package;
      example = literalExpression "photoncloud.packages.x86_64-linux.${name}";
      description = "The package with `bin/${name}`. There is no default: a node that runs ${title} without one is refused.";
    };
    command = mkOption {
      type = types.nullOr (types.listOf types.str);
      default = null;
      example = [ "/run/current-system/sw/bin/photoncloud" name ];
      description = "The program and its first arguments, where `bin/${name}` of the package is not what starts ${title}. Replaces `package`.";
    };
    arguments = mkOption {
      type = types.listOf types.str;
      default = arguments { inherit cfg config; };
      defaultText = literalExpression "configuration, certificates and ports";
      example = [ "--config" "%d/cluster-config.json" "--verbose" ];
      description = "Arguments after `command`. `%d` is the directory with ca.crt, node.crt, node.key and cluster-config.json, readable by ${title} alone.";
    };
    extraArguments = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "--log-format" "json" ];
      description = "Arguments after those.";
    };
    environment = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = { RUST_LOG = "info"; };
      description = "Environment variables. Secrets do not belong here: the values are in the Nix store.";
    };
    readiness = mkOption {
      type = types.enum [ "exec" "notify" ];
      default = "exec";
      example = "notify";
      description = "When ${title} counts as started: `notify` once it says so (sd_notify), `exec` as soon as its program runs. What comes after it waits for its health in either case.";
    };
    networks = mkOption {
      type = types.listOf (types.enum [ "provisioning" "cluster" ]);
      default = [ "provisioning" "cluster" ];
      example = [ "cluster" ];
      description = "Networks at whose address the firewall lets clients in. Flint itself asks on the provisioning network.";
    };
    hardening = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = "Whether ${title} runs in systemd's sandbox. Single settings can be changed in `systemd.services.${name}.serviceConfig` with mkForce.";
    };
    limits = {
      openFiles = mkOption { type = types.ints.positive; default = 65536; example = 262144; description = "Open files and connections at most."; };
      tasks = mkOption { type = types.ints.positive; default = 8192; example = 32768; description = "Threads and processes at most."; };
      memoryMax = mkOption { type = types.nullOr types.str; default = null; example = "4G"; description = "Memory at most, as systemd writes it (`4G`, `50%`); above it the service is restarted. Null: no limit."; };
      cpuWeight = mkOption { type = types.ints.positive; default = cpuWeight; example = 1000; description = "Share of the processors when they are all busy; 100 is what other services have."; };
    };
  } // builtins.mapAttrs
    (port: default: mkOption {
      type = types.port;
      inherit default;
      example = default + 10000;
      description = "TCP port (${port}) of ${title}.${if builtins.elem port internal then " Open to nodes on the cluster network only." else ""}";
    })
    ports;

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.command != null || options.services.${name}.package.isDefined;
        message = "services.${name}.package: ${title} runs on ${node.name} (profile ${node.profile}), but there is no package for it. Set services.${name}.package in the modules that are given to mkCluster.";
      }
    ];

    users.users.${name} = { isSystemUser = true; group = name; description = title; };
    users.groups.${name} = { };

    systemd.services.${name} = {
      description = "${title} of cluster ${config.flint.cluster.name}";
      wantedBy = [ "multi-user.target" ];
      # Wants, not Requires: a restart of one service must not take those after it along.
      wants = [ "network-online.target" ] ++ map (other: "${other}.service") before;
      after = [ "network-online.target" "time-sync.target" ] ++ map (other: "${other}.service") before;
      environment = cfg.environment;
      unitConfig = {
        ConditionPathExists = "${node.secrets}/node.key";
        StartLimitIntervalSec = 0; # a voter never gives up
      };
      serviceConfig = {
        Type = cfg.readiness;
        ExecStart = lib.concatStringsSep " " (map quote (program ++ cfg.arguments ++ cfg.extraArguments));
        User = name;
        Group = name;
        SupplementaryGroups = groups;
        # Copied anew at every start: a renewed certificate takes a restart and nothing else.
        LoadCredential = map (file: "${file}:${node.secrets}/${file}") credentials;
        StateDirectory = name;
        StateDirectoryMode = "0700";
        WorkingDirectory = "/var/lib/${name}";
        Restart = "always";
        RestartSec = 1;
        RestartSteps = 6;
        RestartMaxDelaySec = 30;
        KillMode = "mixed";
        TimeoutStopSec = 15;
        OOMScoreAdjust = if sandbox == "service" then -500 else 0;
        LimitNOFILE = cfg.limits.openFiles;
        LimitCORE = 0; # a core would hold keys
        TasksMax = cfg.limits.tasks;
        CPUWeight = cfg.limits.cpuWeight;
      }
      // lib.optionalAttrs (capabilities != [ ]) { AmbientCapabilities = capabilities; }
      // lib.optionalAttrs (cfg.readiness == "notify") { NotifyAccess = "all"; }
      // lib.optionalAttrs (cfg.limits.memoryMax != null) { MemoryMax = cfg.limits.memoryMax; }
      // lib.optionalAttrs cfg.hardening (import ../lib/hardening.nix).${sandbox};
    };

    flint.firewall.rules = rules;
  };
}
