// limit: 1200 s
import { idempotenceSuite } from "./suite.js";

/** The long form kills before every command: idempotence.long.ts. */
describe("create, update and delete may be done again from any state:", () => {
  idempotenceSuite({ every: 8, workers: 8 });
});
