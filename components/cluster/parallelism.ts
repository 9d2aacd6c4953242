/**
 * What to say when Pulumi works on fewer resources at once than there are machines: they would be installed in waves, each as
 * long as a machine takes. The CLI's own number is four for each of its processor's cores; no stack or project file can raise
 * it. Flint limits by itself what must not happen at once.
 * @param atOnce As the CLI tells the program; undefined or 0: it does not.
 */
export function parallelismWarnings(machines: number, atOnce: number | undefined): string[] {
  if (!atOnce || machines <= atOnce) return [];
  const waves = Math.ceil(machines / atOnce);
  return [
    `Pulumi works on ${atOnce} resources at once here, so ${machines} machines are installed in ${waves} waves: ` +
      `set PULUMI_PARALLEL=${machines} in its environment (or --parallel ${machines}); Flint has limits of its own.`,
  ];
}

/** How many resources the CLI works on at once, as its language host tells the program. */
export const resourcesAtOnce = (): number | undefined => Number(process.env.PULUMI_NODEJS_PARALLEL) || undefined;
