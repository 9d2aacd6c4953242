/** Servers that this process is setting up, by the URL where they will answer. */
const atWork = new Map<string, Promise<void>>();

/** Sets a server up; others can wait for the end of it. */
export async function settingUp<T>(httpUrl: string, work: () => Promise<T>): Promise<T> {
  const result = work();
  const ended = result.then(
    () => {},
    () => {}, // told by the server's own resource
  );
  atWork.set(httpUrl, ended);
  try {
    return await result;
  } finally {
    if (atWork.get(httpUrl) === ended) atWork.delete(httpUrl);
  }
}

/**
 * Waits until the server at this URL is set up or has failed; not at all where this process sets none up. Images are made
 * at the same time as their server: who is asked too early does not answer, and is never asked again.
 */
export async function whenSettled(httpUrl: string): Promise<void> {
  await atWork.get(httpUrl);
}
