/** By the URL where a server will answer: those that this process is setting up, and those where that failed last. */
const atWork = new Map<string, Promise<boolean>>();

/** Sets a server up; others can wait for the end of it. */
export async function settingUp<T>(httpUrl: string, work: () => Promise<T>): Promise<T> {
  const result = work();
  const ended = result.then(
    () => true,
    () => false, // told by the server's own resource
  );
  atWork.set(httpUrl, ended);
  if ((await ended) && atWork.get(httpUrl) === ended) atWork.delete(httpUrl);
  return result;
}

/**
 * Waits until the server at this URL is set up or has failed; not at all where this process sets none up. Images are made
 * at the same time as their server: who is asked too early does not answer, and is never asked again.
 * @returns False when it failed: what answers there is nobody's answer.
 */
export async function whenSettled(httpUrl: string): Promise<boolean> {
  return (await atWork.get(httpUrl)) ?? true;
}
