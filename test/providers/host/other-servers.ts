import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { inNamespace } from "../../../lab/rack/namespace.js";
import { HOST, type RealHost } from "./bench.js";

/** Where the host answers as well while another machine has its address. */
const ELSEWHERE = "10.19.0.2";

const OTHER_NGINX = `
pid /run/other/pid;
error_log /dev/null;
user www-data;
events {}
http {
  access_log off;
  server { listen ${HOST}:80; root /run/other/www; }
}
`;

/**
 * While `work` runs, another web server of the host has our web server's place.
 * @param files Shell commands that put its files into the current directory.
 */
export async function withOtherWebServer(host: RealHost, files: string, work: () => Promise<void>): Promise<void> {
  try {
    await host.onHost(`set -e
      mkdir -p /run/other/www
      cat > /run/other/nginx.conf <<'END'${OTHER_NGINX}END
      cd /run/other/www
      ${files}
      systemctl stop flint-hosttest-nginx
      systemd-run --quiet --collect --unit=other-web nginx -c /run/other/nginx.conf -g 'daemon off;'
      until curl -s -o /dev/null http://${HOST}/; do sleep 0.1; done`);
    await work();
  } finally {
    await host.onHost("systemctl stop other-web; rm -r /run/other; systemctl start flint-hosttest-nginx");
  }
}

/**
 * While `work` runs, our web server serves a copy of its files, although all files on the host are as they should be:
 * somebody edited its configuration, restarted it, and put that back.
 * @param change Shell commands that change the copy, which is the current directory.
 */
export async function withOtherRoot(host: RealHost, change: string, work: () => Promise<void>): Promise<void> {
  const root = "/var/lib/flint/hosttest";
  try {
    await host.onHost(`set -e
      mkdir -p /run/other
      cp -r ${root}/http /run/other/www
      cp -p ${root}/nginx/nginx.conf /run/other/nginx.conf
      (cd /run/other/www; ${change})
      sed -i 's|root ${root}/http;|root /run/other/www;|' ${root}/nginx/nginx.conf
      systemctl restart flint-hosttest-nginx
      cp -p /run/other/nginx.conf ${root}/nginx/nginx.conf`);
    await work();
  } finally {
    await host.onHost("systemctl restart flint-hosttest-nginx; rm -r /run/other");
  }
}

/** Answers each request with so many zeros. */
const ZEROS = `
  require("node:http").createServer((request, response) => {
    response.end(Buffer.alloc(Number(process.argv[2])));
  }).listen(80, process.argv[1]);
`;

/**
 * While `work` runs, another machine has the host's address in the operator's network: HTTP gets it zeros, and TFTP other
 * boot files. The host is reached by another address, which `work` is told, and gets its own files by its own.
 */
export async function withOtherMachine(
  host: RealHost,
  { bytes, tftp }: { bytes: number; tftp: readonly string[] },
  work: (address: string) => Promise<void>,
): Promise<void> {
  const files = join(host.dir, "other-tftp");
  mkdirSync(files);
  for (const name of tftp) writeFileSync(join(files, name), "other\n");
  const start = (...command: string[]) =>
    execa(...inNamespace(host.layout, command), { reject: false, stdin: "ignore" });
  const stop = [];
  await host.onHost(`ip addr add ${ELSEWHERE}/24 dev host0`);
  try {
    await host.inside("ip", "addr", "add", `${HOST}/32`, "dev", "lo");
    stop.push(start(process.execPath, "-e", ZEROS, HOST, String(bytes)));
    const dnsmasq = ["--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--user=root", "--port=0"];
    const ours = ["--bind-interfaces", `--listen-address=${HOST}`, "--enable-tftp", `--tftp-root=${files}`];
    stop.push(start("/usr/sbin/dnsmasq", ...dnsmasq, ...ours));
    const listens = (socket: string) => `until ss ${socket} | grep -q .; do sleep 0.1; done`;
    await host.inside("sh", "-c", `${listens(`-Hlnt src ${HOST}:80`)}; ${listens(`-Hlnu src ${HOST}:69`)}`);
    await work(ELSEWHERE);
  } finally {
    for (const server of stop) server.kill();
    await Promise.all(stop);
    await host.inside("ip", "addr", "delete", `${HOST}/32`, "dev", "lo");
    await host.onHost(`ip addr delete ${ELSEWHERE}/24 dev host0`);
    rmSync(files, { recursive: true });
  }
}
