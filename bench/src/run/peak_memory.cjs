// Node.js loads this before a program (--require). At the end it writes the most memory that the process had at a time,
// in bytes, into the file that XTASK_PEAK_MEMORY names.
'use strict';

const fs = require('fs');

const file = process.env.XTASK_PEAK_MEMORY;
// Nothing of it is the program's to see.
for (const name of ['XTASK_PEAK_MEMORY', 'NODE_OPTIONS']) delete process.env[name];

process.on('exit', () => {
  // Of this program alone; what getrusage says begins with the memory of whoever started it.
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1];
  fs.writeFileSync(file, String(kibibytes * 1024));
});
