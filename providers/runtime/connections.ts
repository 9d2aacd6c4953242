import { SshPool } from "../../drivers/ssh/pool.js";

/** One ssh connection per host for all resources of the stack: they live in the same process. */
export const connections = new SshPool();
