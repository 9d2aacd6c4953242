/** Runs one named step and prints its line: mark, what, result, seconds. */
export type RunStep = <T>(title: string, work: () => Promise<[result: string, value: T]>) => Promise<T>;

/** Prints one line per step as it ends; a failed step's line precedes its error. */
export function printSteps(print: (line: string) => void): RunStep {
  return async (title, work) => {
    const started = performance.now();
    const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    try {
      const [result, value] = await work();
      print(`  ✓ ${title.padEnd(26)} ${result.padEnd(44)} ${seconds().padStart(7)}`);
      return value;
    } catch (error) {
      print(`  ✗ ${title.padEnd(26)} ${"failed".padEnd(44)} ${seconds().padStart(7)}`);
      throw error;
    }
  };
}
