# systemd's sandbox for the cluster's services: what none of them needs, taken away. Values of [Service].
#
# Left as they are on purpose: the network (IPAddressDeny would name every client), and /proc/PID of the service itself.
let
  common = {
    CapabilityBoundingSet = "";
    LockPersonality = true;
    NoNewPrivileges = true;
    PrivateDevices = true;
    PrivateTmp = true;
    ProtectClock = true;
    ProtectControlGroups = true;
    ProtectHome = true;
    ProtectHostname = true;
    ProtectKernelLogs = true;
    ProtectKernelModules = true;
    ProtectKernelTunables = true;
    ProtectProc = "invisible";
    ProtectSystem = "strict";
    RemoveIPC = true;
    RestrictAddressFamilies = [ "AF_INET" "AF_INET6" "AF_UNIX" ];
    RestrictNamespaces = true;
    RestrictRealtime = true;
    RestrictSUIDSGID = true;
    SystemCallArchitectures = "native";
    SystemCallErrorNumber = "EPERM";
    SystemCallFilter = [ "@system-service" "~@privileged @resources" ];
    UMask = "0077";
  };
in
{
  # Chainfire, FlareDB, IAM: a program with a directory and sockets, as a user of its own.
  service = common // {
    MemoryDenyWriteExecute = true;
    PrivateUsers = true;
  };

  # First-boot steps: a shell script as root (its files are root's), with curl and jq.
  step = common // {
    MemoryDenyWriteExecute = true;
    ProcSubset = "pid";
    RestrictAddressFamilies = [ "AF_INET" "AF_INET6" "AF_UNIX" "AF_NETLINK" ]; # glibc looks addresses up through netlink
  };

  # PlasmaVMC starts virtual machines: KVM and network devices, tap interfaces, memory that is written and then run (TCG),
  # memory that is locked, processes whose priority it sets.
  hypervisor = removeAttrs common [ "PrivateDevices" "RestrictRealtime" ] // {
    CapabilityBoundingSet = [ "CAP_NET_ADMIN" "CAP_SYS_NICE" "CAP_IPC_LOCK" ];
    DeviceAllow = [ "/dev/kvm rw" "/dev/net/tun rw" "/dev/vhost-net rw" "/dev/vhost-vsock rw" ];
    DevicePolicy = "closed";
    RestrictAddressFamilies = [ "AF_INET" "AF_INET6" "AF_UNIX" "AF_NETLINK" "AF_PACKET" "AF_VSOCK" ];
    SystemCallFilter = [ "@system-service" "~@reboot @swap @raw-io @module @mount" ];
  };
}
