import { serve } from "../serve.js";
import { localCommand } from "./local.js";
import { remoteCommand } from "./remote.js";

/** Stand-in for the vendor's `command` plugin, for places where that cannot be downloaded. */
serve("1.2.1", [localCommand, remoteCommand]);
