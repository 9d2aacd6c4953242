import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ConnectConfig, utils } from "ssh2";
import type { Call } from "../resource.js";
import type { Connection, Endpoint } from "./inputs.js";

/** Connects, through the proxy if there is one, repeating as the vendor's plugin does: from 0.1 s apart up to 5 s. */
export async function dial(to: Connection, call: Call): Promise<Client> {
  if (to.proxy === undefined) return await dialWithRetry("Dial", to, call, () => connect(to, call.signal));
  const proxy = await dialWithRetry("Dial proxy", to.proxy, call, () => connect(to.proxy ?? to, call.signal));
  const client = await dialWithRetry("Dial from proxy", to, call, async () => {
    const sock = await new Promise<ConnectConfig["sock"]>((resolve, reject) =>
      proxy.forwardOut("127.0.0.1", 0, to.host, to.port, (error, channel) =>
        error ? reject(error) : resolve(channel),
      ),
    );
    return await connect(to, call.signal, sock);
  });
  client.on("close", () => proxy.end());
  return client;
}

async function dialWithRetry<T>(what: string, to: Endpoint, call: Call, attempt: () => Promise<T>): Promise<T> {
  let wait = 100;
  for (let failed = 1; ; failed++) {
    try {
      return await attempt();
    } catch (error) {
      call.signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      if (to.dialErrorLimit >= 0 && failed > to.dialErrorLimit) {
        throw new Error(`after ${failed - 1} failed attempts: ${to.host}:${to.port}: ${reason}`, { cause: error });
      }
      const limit = to.dialErrorLimit < 0 ? "inf" : to.dialErrorLimit;
      call.say(`${what} ${failed}/${limit} failed: retrying`);
      await sleep(wait, undefined, { signal: call.signal });
      wait = Math.min(wait * 1.5, 5_000);
    }
  }
}

async function connect(to: Endpoint, signal: AbortSignal, sock?: ConnectConfig["sock"]): Promise<Client> {
  const client = new Client();
  const stop = () => client.destroy();
  signal.addEventListener("abort", stop, { once: true });
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve);
    client.once("error", reject);
    client.once("close", () => reject(new Error("the connection was closed")));
    client.connect({
      host: to.host,
      port: to.port,
      username: to.user,
      password: to.password,
      privateKey: to.privateKey,
      passphrase: to.privateKeyPassword,
      agent: to.agentSocketPath ?? process.env.SSH_AUTH_SOCK,
      readyTimeout: to.perDialTimeout * 1000,
      ...(sock === undefined ? {} : { sock }),
      ...pinned(to.hostKey),
    });
  });
  client.on("error", () => {}); // what runs over it fails by itself
  client.once("close", () => signal.removeEventListener("abort", stop));
  return client;
}

/** Only this host key will do, and only its algorithm is offered: a server has several. */
function pinned(hostKey: string | undefined): Pick<ConnectConfig, "hostVerifier" | "algorithms"> {
  if (hostKey === undefined) return {};
  const key = utils.parseKey(hostKey);
  if (key instanceof Error) throw new Error(`failed to parse host key: ${key.message}`);
  const algorithms = key.type === "ssh-rsa" ? (["rsa-sha2-512", "rsa-sha2-256"] as const) : ([key.type] as const);
  return {
    hostVerifier: (presented: Buffer) => presented.equals(key.getPublicSSH()),
    // biome-ignore lint/suspicious/noExplicitAny: ssh2's list of names is a union that a key's type is not known to be in
    algorithms: { serverHostKey: [...algorithms] as any },
  };
}
