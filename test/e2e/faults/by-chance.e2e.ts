// limit: 600 s
import { describeChances, QUICK_KINDS } from "./by-chance.js";

describeChances(process.env.FLINT_SEED ?? "4", 4, QUICK_KINDS);
