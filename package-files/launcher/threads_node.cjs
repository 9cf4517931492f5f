// Prepares Node.js for Python's threads. Part of start.cjs in builds with threads: each thread is a worker, also the one that runs main().
'use strict';

const threads = require('worker_threads');

// The same native stack as Python has without threads; a worker's default is 4 MiB.
threads.Worker = class extends threads.Worker {
  constructor(file, options) {
    super(file, { ...options, resourceLimits: { stackSizeMb: @STACK@ } });
  }
};

// A trap or a stack overflow in a thread. Output that Python has not flushed is lost.
process.on('uncaughtException', (error) => {
  console.error(`python: fatal: ${error.stack ?? error}`);
  // The exit code of a process that SIGABRT killed.
  process.exit(134);
});
