// The memory that a page and its worker share, where they may: what lies where, and what the numbers in it mean.

export const SIGINT = 2;

/** Two 32-bit integers: a state of `INPUT`, and how many bytes follow. */
export const INPUT_HEADER = 8;

/** How many bytes of input fit in at once. */
export const INPUT_BYTES = 65536;

/** The answer to Python's request for input. */
export const INPUT = { none: 0, waiting: 1, bytes: 2, end: 3, interrupted: 4, failed: 5 };

/** In the worker: asks the page for input, and waits. Gives the bytes, null at their end, or what of `INPUT` came instead. */
export function askPage(shared) {
  const header = new Int32Array(shared.input, 0, 2);
  Atomics.store(header, 0, INPUT.waiting);
  postMessage({ stdin: true });
  Atomics.wait(header, 0, INPUT.waiting);
  const [state, length] = [Atomics.load(header, 0), Atomics.load(header, 1)];
  Atomics.store(header, 0, INPUT.none);
  if (state === INPUT.bytes) return new Uint8Array(shared.input, INPUT_HEADER, length).slice();
  return state === INPUT.end ? null : state;
}
