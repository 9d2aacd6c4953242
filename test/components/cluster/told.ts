import type { ClusterArgs } from "../../../components/cluster/args.js";
import { readCluster } from "../../../components/cluster/problems.js";
import { sampleCluster } from "./sample.js";

/** `path: found | allowed | remedy` of every problem. */
export function told(change: (cluster: ClusterArgs) => void): string[] {
  return readCluster(sampleCluster(change)).problems.map(
    ({ path, found, allowed, remedy }) => `${path}: ${found} | ${allowed} | ${remedy}`,
  );
}

/** Applies a change that the types forbid, as a YAML file can. */
export function put(cluster: object, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let at: object = cluster;
  for (const key of keys) at = Reflect.get(at, key);
  if (value === undefined) Reflect.deleteProperty(at, last);
  else Reflect.set(at, last, value);
}
/** The same after one value was put in a place. */
export const broken = (path: string, value: unknown) => told((cluster) => put(cluster, path, value));
