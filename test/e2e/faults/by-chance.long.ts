// limit: 3000 s
import { ALL_KINDS, describeChances } from "./by-chance.js";

for (const seed of ["1", "2", "3", "4", "5", "6", "7", "8"]) describeChances(seed, 5, ALL_KINDS);
