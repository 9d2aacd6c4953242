import assert from "node:assert/strict";
import { call } from "./api.js";
import type { CertifiedCluster } from "./certified-cluster.js";

/** Health is open to anyone; the rest of a service is for the operator and for nodes. @param node Directory of a node's certificate. */
export async function assertAccess(cluster: CertifiedCluster, url: string, node: string): Promise<void> {
  assert.equal((await call(cluster.operator, "GET", `${url}/health`, undefined, true)).status, 200);
  const anonymous = await call(cluster.operator, "GET", `${url}/admin/cluster/members`, undefined, true);
  assert.equal(anonymous.status, 401);
  assert.deepEqual(anonymous.json, { error: "a client certificate is needed" });
  const stranger = await call(cluster.stranger("monitor"), "GET", `${url}/v1/kv/x`);
  assert.equal(stranger.status, 403);
  assert.deepEqual(stranger.json, { error: "the certificate of monitor is neither the operator's nor a node's" });
  assert.equal((await call(node, "GET", `${url}/admin/cluster/members`)).status, 200);
  assert.equal((await call(cluster.operator, "POST", `${url}/admin/cluster/members`)).status, 405);
}
