import type * as pulumi from "@pulumi/pulumi";

/** Text given in place, or taken from a file (relative to the project) or an environment variable when Pulumi runs. */
export type TextSource = string | { file: string } | { env: string };

/** As `TextSource`, and may be an output of another resource. Always handled and stored as a Pulumi secret. */
export type SecretSource = pulumi.Input<string> | { file: string } | { env: string };
