// The memory that a page and its worker share, where they may: what lies where, and what the numbers in it mean.

export const SIGINT = 2;

/** Two 32-bit integers: a state of `INPUT`, and how many bytes follow. */
export const INPUT_HEADER = 8;

/** How many bytes of input fit in at once. */
export const INPUT_BYTES = 65536;

/** What became of Python's wish for input. */
export const INPUT = { none: 0, waiting: 1, bytes: 2, end: 3, interrupted: 4, failed: 5 };
