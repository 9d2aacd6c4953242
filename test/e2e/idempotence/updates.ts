import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { makeKeyPair } from "../../../drivers/ssh/key-pair.js";
import type { LaunchedRack } from "../../../lab/simulated/launch.js";
import { rootOf } from "../../../providers/pxe-server/schema.js";
import type { Properties } from "./operator.js";

/** A resource whose inputs change while it is there. */
export interface Update {
  resource: string;
  /** Kill before every so many commands. */
  every: number;
  /** The other inputs, which it is updated to, and back from. */
  other(inputs: Properties, rack: LaunchedRack): Properties;
  /** What of the outputs must be the same however it came about. */
  same(outputs: Properties): unknown;
  /** What it makes of the host's files, if their content follows from the inputs. */
  owns?: RegExp;
  /** What a create finds that was told nothing of the outputs, as in a stack whose state was lost, updated to `news`. */
  lost?: {
    inputs(news: Properties, declared: Properties): Properties;
    expect(found: Properties, outputs: Properties, news: Properties): void;
  };
}

/** What the provisioning host has of a cluster. */
export function hostUpdates(machine: string, every: number): Update[] {
  return [
    {
      resource: "pxe",
      every,
      other: (inputs) => ({
        ...inputs,
        dhcp: { mode: "full", range: ["10.77.201.1", "10.77.201.50"], leaseTime: 7200 },
        dns: ["10.77.0.53"],
      }),
      same: (outputs) => without(outputs, "candidates"),
      owns: /^(dnsmasq\/(dnsmasq.conf|dhcp-options)|nginx|tftp|http\/boot)/,
    },
    {
      resource: "image-worker",
      every,
      other: (inputs, rack) => ({
        ...inputs,
        source: {
          files: { kernel: file(rack, "kernel"), initrd: file(rack, "initrd"), cmdline: "init=/init another" },
        },
      }),
      same: (outputs) => outputs,
      owns: /^(images\/worker|http\/images)/,
    },
    {
      resource: `${machine}-identity`,
      every: 1,
      other: (inputs) => ({
        ...inputs,
        dnsNames: [...texts.parse(inputs.dnsNames), `${machine}.example.org`],
        ipAddresses: [...texts.parse(inputs.ipAddresses), "10.77.9.9"],
      }),
      same: (outputs) => {
        const { cert, ...keys } = identitySchema.parse(outputs);
        return { ...keys, names: new X509Certificate(cert).subjectAltName };
      },
      lost: {
        inputs: (news) => news,
        expect: (found, outputs) => assert.deepEqual(identitySchema.parse(found), identitySchema.parse(outputs)),
      },
    },
    {
      resource: "keys",
      every: 1,
      other: (inputs) => ({ ...inputs, loginKey: ANOTHER_LOGIN }),
      same: (outputs) => outputs,
      lost: {
        inputs: (_news, declared) => declared,
        expect: ({ restored }, _outputs, { loginKey }) =>
          assert.deepEqual(restored, loginKey === undefined ? {} : { loginKey }),
      },
    },
  ];
}

/** What only looks at the cluster, where nothing has to be done. */
export function clusterUpdates(member: string, every: number): Update[] {
  return [
    {
      resource: `chainfire-${member}`,
      every,
      other: (inputs) => ({ ...inputs, dependents: { plasmavmc: plasmavmcOf(inputs, member) } }),
      same: (outputs) => without(outputs, "joinSeconds"),
    },
    {
      resource: "health",
      every: 4 * every,
      other: (inputs) => ({
        ...inputs,
        nodes: Object.fromEntries(Object.entries(tables.parse(inputs.nodes)).slice(0, 5)),
      }),
      same: ({ healthy, checked }) => ({ healthy, checked }),
    },
  ];
}

const ANOTHER_LOGIN = makeKeyPair("another login");
const texts = z.array(z.string());
const tables = z.record(z.string(), z.unknown());
const identitySchema = z.object({ cert: z.string(), key: z.string(), hostKey: z.string(), hostKeyPublic: z.string() });

/** Every file below the cluster's directory on the provisioning host that fits, with its mode and text. */
export async function content(rack: LaunchedRack, owns: RegExp): Promise<Record<string, string>> {
  const root = `${rootOf(rack.simulation.cluster)}/`;
  const files = (await rack.files()).filter(({ path }) => path.startsWith(root) && owns.test(path.slice(root.length)));
  return Object.fromEntries(files.map(({ path, mode, text }) => [path, `${mode} ${text}`]));
}

function file(rack: LaunchedRack, name: string): { path: string; sha256: string } {
  const path = join(rack.directory, name);
  const text = `${name} of another image\n`.repeat(1000);
  writeFileSync(path, text);
  return { path, sha256: createHash("sha256").update(text).digest("hex") };
}

function plasmavmcOf(inputs: Properties, member: string): string {
  const url = new URL(z.record(z.string(), z.string()).parse(inputs.endpoints)[member] ?? "");
  return `https://${url.hostname}:8081`;
}

function without(values: Properties, name: string): Properties {
  const { [name]: _, ...rest } = values;
  return rest;
}
