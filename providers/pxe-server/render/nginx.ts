import type { PxeInputs } from "../schema.js";
import { rootOf } from "../schema.js";
import { UNKNOWN_PATH } from "./boot-ipxe.js";

/** Port that `httpUrl` names. */
export function portOf(httpUrl: string): number {
  return Number(new URL(httpUrl).port || 80);
}

export function nginxPidFile(cluster: string): string {
  return `/run/flint-${cluster}-nginx.pid`;
}

/**
 * nginx's configuration: images, boot scripts and boot files for the provisioning network, on its address only.
 * One JSON line per answered request, as soon as it is answered: progress is read from it.
 */
export function renderNginx(want: PxeInputs): string {
  const root = rootOf(want.cluster);
  return `# Written by Flint for cluster ${want.cluster}. Changes are overwritten.
worker_processes auto;
worker_rlimit_nofile 8192;
pid ${nginxPidFile(want.cluster)};
error_log ${root}/log/nginx-error.log warn;
events {
  worker_connections 2048;
}
http {
  types {
    text/plain ipxe;
    application/efi efi;
  }
  default_type application/octet-stream;
  server_tokens off;
  sendfile on;
  # Many machines load the same image at once: each gets its share.
  sendfile_max_chunk 1m;
  tcp_nopush on;
  log_format flint escape=json '{"t":"$time_iso8601","msec":$msec,"ip":"$remote_addr","method":"$request_method","uri":"$request_uri","status":$status,"bytes":$body_bytes_sent,"seconds":$request_time,"agent":"$http_user_agent"}';
  access_log ${root}/log/http.log flint;
  log_format unknown escape=json '{"t":"$time_iso8601","mac":"$arg_mac","serial":"$arg_serial","uuid":"$arg_uuid","manufacturer":"$arg_manufacturer","product":"$arg_product"}';
  # nginx makes these folders even where nothing is uploaded; its own would stay behind after us.
  client_body_temp_path ${root}/nginx/client_body;
  fastcgi_temp_path ${root}/nginx/fastcgi;
  proxy_temp_path ${root}/nginx/proxy;
  scgi_temp_path ${root}/nginx/scgi;
  uwsgi_temp_path ${root}/nginx/uwsgi;
  server {
    listen ${want.address}:${portOf(want.httpUrl)};
    root ${root}/http;
    if ($request_method !~ ^(GET|HEAD)$) {
      return 405;
    }
    location / {
      try_files $uri =404;
    }
    # Who they are, of machines that have no boot script.
    location = ${UNKNOWN_PATH} {
      access_log ${root}/log/unknown.log unknown;
      default_type text/plain;
      return 200 "seen\n";
    }
    # A machine's keys go to its own address and to no other.
    location ~ "^/keys/(?<owner>[0-9.]+)/[0-9a-zA-Z]+\\.cpio$" {
      if ($remote_addr != $owner) {
        return 403;
      }
      try_files $uri =404;
    }
    location /keys/ {
      return 403;
    }
  }
}
`;
}
