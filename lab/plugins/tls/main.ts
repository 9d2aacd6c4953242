import { serve } from "../serve.js";
import { certRequest } from "./cert-request.js";
import { locallySignedCert } from "./locally-signed-cert.js";
import { privateKey } from "./private-key.js";
import { selfSignedCert } from "./self-signed-cert.js";

/** Stand-in for the vendor's `tls` plugin, for places where that cannot be downloaded. */
serve("5.6.1", [privateKey, certRequest, selfSignedCert, locallySignedCert]);
