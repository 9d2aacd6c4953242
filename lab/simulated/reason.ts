import { z } from "zod";
import { messageFrom } from "../../foundation/errors.js";

/** Why something was refused, for people: of what does not fit a schema, each place with what is wrong there. */
export const reasonOf = (error: unknown): string =>
  error instanceof z.ZodError
    ? error.issues.map(({ path, message }) => [path.join("."), message].filter(Boolean).join(": ")).join("; ")
    : messageFrom(error);
