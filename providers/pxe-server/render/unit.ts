import type { PxeInputs } from "../schema.js";
import { rootOf } from "../schema.js";
import { advertises, localAddress, localNetwork } from "./advertisement.js";
import { nginxPidFile } from "./nginx.js";

/** Where the programs are on this host. */
export interface Programs {
  dnsmasq: string;
  nginx: string;
  ip: string;
  /** Default /bin/kill, which NixOS does not have. */
  kill?: string;
}

export function unitName(cluster: string, service: "dnsmasq" | "nginx"): string {
  return `flint-${cluster}-${service}.service`;
}

/** Both services fork, so that "started" means: ports are taken and the configuration is in use. */
export function renderDnsmasqUnit(want: PxeInputs, programs: Programs, host: { ipv6: boolean }): string {
  const root = rootOf(want.cluster);
  const config = `${root}/dnsmasq/dnsmasq.conf`;
  const pid = `/run/flint-${want.cluster}-dnsmasq.pid`;
  const advertise = advertises(want, host);
  return unit(`Flint ${want.cluster}: DHCP and TFTP for network boot`, [
    "Type=forking",
    `PIDFile=${pid}`,
    ...(advertise
      ? [`ExecStartPre=-${programs.ip} -6 addr replace ${localAddress(want.cluster)} dev ${want.interface} nodad`]
      : []),
    `ExecStart=${programs.dnsmasq} --conf-file=${config} --pid-file=${pid}`,
    `ExecReload=${programs.kill ?? "/bin/kill"} -HUP $MAINPID`,
    ...(advertise
      ? [
          // By itself first: flush ends early when the kernel takes away an address that it was about to remove.
          `ExecStopPost=-${programs.ip} -6 addr del ${localAddress(want.cluster)} dev ${want.interface}`,
          `ExecStopPost=-${programs.ip} -6 addr flush dev ${want.interface} to ${localNetwork(want.cluster)}`,
        ]
      : []),
  ]);
}

export function renderNginxUnit(want: PxeInputs, programs: Programs): string {
  const root = rootOf(want.cluster);
  return unit(`Flint ${want.cluster}: images and boot scripts`, [
    "Type=forking",
    `PIDFile=${nginxPidFile(want.cluster)}`,
    `ExecStart=${programs.nginx} -c ${root}/nginx/nginx.conf`,
    `ExecReload=${programs.kill ?? "/bin/kill"} -HUP $MAINPID`,
    "KillSignal=SIGQUIT",
    "TimeoutStopSec=5",
  ]);
}

function unit(description: string, service: string[]): string {
  return [
    "# Written by Flint. Changes are overwritten.",
    "[Unit]",
    `Description=${description}`,
    "Wants=network-online.target",
    "After=network-online.target",
    "# The interface's address may come later than the network is said to be there.",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    ...service,
    "Restart=on-failure",
    "RestartSec=2",
    "NoNewPrivileges=yes",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}
