import type * as pulumi from "@pulumi/pulumi";

/** Whether a preview knows the value. As the SDK tells its own code; a later one that does not counts as known. */
export async function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  const known: unknown = await Reflect.get(output, "isKnown");
  return known !== false;
}
