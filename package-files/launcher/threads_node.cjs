// What Python's threads need of Node.js. start.cjs reads it where there are threads: each is a worker, and so is the one that main() runs in.
'use strict';

const threads = require('worker_threads');

// As much of the machine's own stack as Python has where it has no threads; by itself, a worker has 4 MiB.
threads.Worker = class extends threads.Worker {
  constructor(file, options) {
    super(file, { ...options, resourceLimits: { stackSizeMb: @STACK@ } });
  }
};

// A trap in a thread, or a stack that is full. What Python has not written by now is lost.
process.on('uncaughtException', (error) => {
  console.error(`python: fatal: ${error.stack ?? error}`);
  // As if a signal had ended it, SIGABRT.
  process.exit(134);
});
