import { setFlagsFromString } from "node:v8";

/**
 * Keeps V8's new space from growing with every image and closure that passes through this process, and gives back what it
 * took for loading the SDK. Without it the provider's resident memory is a third higher, for nothing: it waits for machines.
 * V8 reads both flags at each collection, so that they work in a process that runs already. A preview, which waits for nothing
 * and ends soon, never asks for it: it would collect a tenth of its time.
 */
export function keepHeapSmall(): void {
  if (kept) return;
  kept = true;
  setFlagsFromString("--optimize-for-size");
  setFlagsFromString("--semi-space-growth-factor=1");
}

let kept = false;

/**
 * Lets the new space grow again, where so much is done at once that collecting a small one all the time costs a fifth of the
 * processor: beside hundreds of machines its 32 MB do not count.
 */
export function letHeapGrow(): void {
  setFlagsFromString("--semi-space-growth-factor=2");
}
