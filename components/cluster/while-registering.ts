/**
 * Changes something of the SDK for as long as resources are being registered: from the start of `work` until `registered`
 * settles (the SDK registers in the background), or until `work` ends where there is none. Several may ask for it at once.
 */
export type WhileRegistering = <T>(work: () => T, registered?: (result: T) => PromiseLike<unknown>) => T;

/** @param begin Called when the first asks for it. @param end Called when nobody does any more. */
export function whileRegistering(begin: () => void, end: () => void): WhileRegistering {
  let asking = 0;
  const leave = () => {
    if (--asking === 0) end();
  };
  return (work, registered) => {
    if (asking++ === 0) begin();
    try {
      const result = work();
      if (registered === undefined) leave();
      else void registered(result).then(leave, leave);
      return result;
    } catch (error) {
      leave();
      throw error;
    }
  };
}
