#!/usr/bin/env node
import { messageFrom } from "../../foundation/errors.js";

// One after the other: what is refused comes before what an older Node.js cannot even load.
import("./supported-node.js")
  .then(() => import("./command.js"))
  .then(({ run }) => run())
  .catch((error: unknown) => {
    console.error(messageFrom(error));
    process.exitCode = 1;
  });
