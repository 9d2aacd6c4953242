import { requireNode } from "./requirements.js";

// To be loaded before anything that an older Node.js cannot load.
requireNode(process.versions.node);
