import { flushCompileCache } from "node:module";
import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";
import { main } from "@pulumi/pulumi/provider/index.js";
import { type Log, providerOf } from "./provider.js";
import type { Resource } from "./resource.js";

/** Serves the resources to the engine that started this process, until it ends the process. */
// biome-ignore lint/suspicious/noExplicitAny: see providerOf
export function serve(version: string, resources: readonly Resource<any>[]): void {
  const args = process.argv.slice(2);
  // The engine's address is the first argument that is not one of its logging flags.
  const address = args.find((arg, at) => !arg.startsWith("-") && args[at - 1] !== "--tracing");
  // Where NODE_COMPILE_CACHE is set: the engine kills a plugin at the end, and what V8 has compiled would not be kept.
  setTimeout(flushCompileCache, 1_000).unref();
  void main(providerOf(version, resources, address === undefined ? silent : engineLog(address)), args);
}

const silent: Log = { status() {}, warning() {} };

function engineLog(address: string): Log {
  const engine = new EngineClient(address, credentials.createInsecure());
  const send = (severity: 1 | 2, urn: string, text: string, ephemeral: boolean) => {
    const request = new LogRequest();
    request.setSeverity(severity);
    request.setUrn(urn);
    request.setMessage(text);
    request.setEphemeral(ephemeral);
    engine.log(request, () => {}); // a lost line is no reason to fail
  };
  return {
    status: (urn, text) => send(LogSeverity.INFO, urn, text, true),
    warning: (urn, text) => send(LogSeverity.WARNING, urn, text, false),
  };
}
