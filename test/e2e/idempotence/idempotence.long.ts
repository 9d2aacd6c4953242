// limit: 1800 s
import { idempotenceSuite } from "./suite.js";

describe("create, update and delete may be done again from any state, killed before every single command:", () => {
  idempotenceSuite({ every: 1, workers: 16 });
});
