# What the rack's systems have beside Flint's modules: the lab's services, sshd and a console.
# `sandbox`: whether the services run in theirs. The rack's do not: an emulated processor compiles a sandbox's filters longer
# than the services work.
{ blobs, run, sandbox }:
{ lib, ... }:
let
  services = run {
    name = "lab-services";
    program = blobs.lab-service;
    script = ''mkdir -p "$out/bin"; ln -s "$program" "$out/bin/lab-service"'';
  };
  service = words: {
    command = [ "${services}/bin/lab-service" ] ++ words;
    readiness = "notify";
    hardening = sandbox;
  };
in
{
  services.chainfire = service [ "raft" "--service" "chainfire" ];
  services.flaredb = service [ "raft" "--service" "flaredb" ];
  services.iam = service [ "iam" ];
  services.plasmavmc = service [ "plasmavmc" ];
  flint.firstBoot.hardening = sandbox;

  systemd.services.sshd = {
    description = "OpenSSH server";
    wantedBy = [ "multi-user.target" ];
    after = [ "network.target" ];
    serviceConfig = { Type = "notify"; ExecStart = "/usr/sbin/sshd -D"; ExecReload = "/bin/kill -HUP $MAINPID"; KillMode = "process"; Restart = "always"; RuntimeDirectory = "sshd"; };
  };
  systemd.services.console = {
    description = "Console";
    wantedBy = [ "multi-user.target" ];
    after = [ "multi-user.target" ];
    serviceConfig = { ExecStart = "/usr/bin/bash -l"; WorkingDirectory = "/root"; Environment = "HOME=/root TERM=vt220"; Restart = "always"; RestartSec = 1; StandardInput = "tty-force"; StandardOutput = "tty"; StandardError = "tty"; TTYPath = "/dev/console"; };
  };
  boot.kernelParams = [ "console=tty0" "console=ttyS0,115200" "net.ifnames=0" "quiet" "random.trust_cpu=on" "mitigations=off" "audit=0" "nowatchdog" "rcupdate.rcu_expedited=1" "systemd.show_status=false" ];
}
