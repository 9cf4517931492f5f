// Runs a WASI (preview 1) command with Node's own `node:wasi`. The options are those of `wasmtime run`, and its exit codes:
// the guest's; 134 for a trap; 124 (or SIGKILL) for --timeout; 125 where this side failed; 2 for a wrong command line.
//
// The guest runs on a thread of its own, because only such a thread can be given a larger stack, and because this one can
// then watch the time. The guest's streams are this process's file descriptors: nothing passes through JavaScript.

import { readFileSync, writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { WASI } from 'node:wasi';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const MEBIBYTE = 1024 * 1024;
// What V8 itself needs between its own limit and the end of the thread's stack.
const MARGIN = 1;

// Milliseconds that a guest gets to stop.
const PATIENCE = 1000;

const TRAPPED = 134;
const TIMED_OUT = 124;
const FAILED = 125;
const USAGE = 2;

// `errno` of WASI preview 1.
const NOENT = 44;
const NOTCAPABLE = 76;

// Rights of WASI preview 1 that a read-only directory keeps: to open, list and look at, and to read what was opened.
const right = (...bits) => bits.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
const LOOK = right(13, 14, 15, 18, 21);
const READ = LOOK | right(0, 1, 2, 3, 4, 5, 7, 27);

// The first file descriptor behind stdin, stdout and stderr: directories are numbered from here, in their order.
const FIRST_DIRECTORY = 3;

function say(message) {
    writeSync(2, `node.mjs: ${message}\n`);
}

function usage(message) {
    say(`error: ${message}`);
    process.exit(USAGE);
}

function parse(words) {
    const run = { argv0: null, env: {}, directories: [], stack: 16 * MEBIBYTE, timeout: null };
    if (words.shift() !== 'run') usage('the first word is `run`');
    for (;;) {
        const word = words.shift();
        const value = () => words.shift() ?? usage(`${word} needs a value`);
        if (word === '--dir') {
            const [host, guest, mode, ...more] = value().split('::');
            if (!host || !guest || more.length > 0 || (mode ?? 'ro') !== 'ro') usage('--dir is HOST::GUEST or HOST::GUEST::ro');
            run.directories.push({ host, guest, readOnly: mode === 'ro' });
        } else if (word === '--env') {
            const [, name, text] = /^([^=]+)=(.*)$/s.exec(value()) ?? usage('--env is NAME=VALUE');
            run.env[name] = text;
        } else if (word === '--argv0') {
            run.argv0 = value();
        } else if (word === '--wasm') {
            run.stack = Number(/^max-wasm-stack=([1-9][0-9]*)$/.exec(value())?.[1] ?? usage('--wasm is max-wasm-stack=BYTES'));
        } else if (word === '--timeout') {
            run.timeout = Number(value());
            if (!(run.timeout > 0)) usage('--timeout is a number of seconds above zero');
        } else if (word === undefined || word.startsWith('-')) {
            usage(word === undefined ? 'no module is given' : `unknown option ${word}`);
        } else {
            return { ...run, module: word, args: [run.argv0 ?? word.split('/').pop(), ...words] };
        }
    }
}

// Two directories of one name: the last one counts, as in Node's own table, and the numbers stay in step with it.
function preopens(directories) {
    return Object.fromEntries(directories.map(({ host, guest }) => [guest, host]));
}

// Node takes the time at which to wake for the time to sleep: a clock with the flag ABSTIME waits for years.
// The subscriptions are the guest's own memory, and nobody reads them after the call.
function makeClocksRelative(memory, subscriptions, count) {
    const SIZE = 48, TAG = 8, CLOCK = 16, TIMEOUT = 24, FLAGS = 40;
    const REALTIME = 0, ABSTIME = 1;
    for (let at = subscriptions; at < subscriptions + count * SIZE; at += SIZE) {
        const flags = memory.getUint16(at + FLAGS, true);
        if (memory.getUint8(at + TAG) !== 0 || !(flags & ABSTIME)) continue;
        const realtime = memory.getUint32(at + CLOCK, true) === REALTIME;
        const now = realtime ? BigInt(Date.now()) * 1_000_000n : process.hrtime.bigint();
        const wake = memory.getBigUint64(at + TIMEOUT, true);
        memory.setBigUint64(at + TIMEOUT, wake > now ? wake - now : 0n, true);
        memory.setUint16(at + FLAGS, flags & ~ABSTIME, true);
    }
}

// WebAssembly's numbers have no sign until somebody gives them one, and JavaScript does: node:wasi refuses what is negative then,
// and that is every address beyond two gibibytes. Those of 64 bits come as big integers, which it takes as they are.
function makeUnsigned(calls) {
    for (const [name, original] of Object.entries(calls)) {
        calls[name] = (...values) => {
            for (let at = 0; at < values.length; at++) {
                if (values[at] < 0 && typeof values[at] === 'number') values[at] >>>= 0;
            }
            return original(...values);
        };
    }
}

// uvwasi looks at the rights of a directory before it looks for the file: who removes what is not there is told that he may
// not. A directory that a POSIX program may not write to says first that there is no such file, and programs rely on it.
// The file's status goes into memory of the guest's, which is put back: only this call sees it.
function tellWhatIsMissing(calls, memory, name) {
    const SIZE = 64, NOFOLLOW = 0;
    const original = calls[name];
    calls[name] = (fd, path, length) => {
        const error = original(fd, path, length);
        if (error !== NOTCAPABLE) return error;
        const [start, bytes] = [path >>> 0, length >>> 0];
        const at = start < SIZE ? Math.ceil((start + bytes) / 8) * 8 : 0;
        const kept = new Uint8Array(memory().buffer, at, SIZE).slice();
        const found = calls.path_filestat_get(fd, NOFOLLOW, path, length, at);
        new Uint8Array(memory().buffer, at, SIZE).set(kept);
        return found === NOENT ? NOENT : error;
    };
}

function guest(run) {
    const table = preopens(run.directories);
    const names = Object.keys(table);
    const readOnly = new Set(
        run.directories.filter((directory) => directory.readOnly).map((directory) => FIRST_DIRECTORY + names.indexOf(directory.guest)),
    );
    let wasi, module;
    try {
        wasi = new WASI({ version: 'preview1', args: run.args, env: run.env, preopens: table, returnOnExit: true });
        module = new WebAssembly.Module(readFileSync(run.module));
    } catch (error) {
        say(`error: ${error.message} (${run.module})`);
        return FAILED;
    }
    const imports = wasi.getImportObject();
    const calls = imports.wasi_snapshot_preview1;
    makeUnsigned(calls);
    // Node has no read-only directories. The guest asks for each directory's name before it uses it: that is when the rights go.
    const original = calls.fd_prestat_get;
    calls.fd_prestat_get = (fd, at) => {
        const error = original(fd, at);
        return error === 0 && readOnly.delete(fd) ? calls.fd_fdstat_set_rights(fd, LOOK, READ) : error;
    };
    let instance;
    const poll = calls.poll_oneoff;
    calls.poll_oneoff = (subscriptions, events, count, ...rest) => {
        makeClocksRelative(new DataView(instance.exports.memory.buffer), subscriptions, count);
        return poll(subscriptions, events, count, ...rest);
    };
    for (const name of ['path_unlink_file', 'path_remove_directory']) {
        tellWhatIsMissing(calls, () => instance.exports.memory, name);
    }
    try {
        instance = new WebAssembly.Instance(module, imports);
    } catch (error) {
        say(`error: the module is not a WASI preview 1 command: ${error.message}`);
        return FAILED;
    }
    parentPort.postMessage('started');
    try {
        // As POSIX does: the parent sees the low eight bits.
        return wasi.start(instance) & 0xff;
    } catch (error) {
        say(`the guest trapped: ${error.stack}`);
        return TRAPPED;
    }
}

if (isMainThread) {
    // V8 calls node:wasi directly from WebAssembly, by a road on which its garbage collector must not run. But node:wasi tells
    // V8 of each piece of memory that it takes, which may start the collector: it then misses what only the stack holds,
    // frees node:wasi's own table of files in the middle of a call, and the process aborts. Without fast calls, it cannot.
    setFlagsFromString('--no-turbo-fast-api-calls');
    const run = parse(process.argv.slice(2));
    const stackSizeMb = Math.ceil(run.stack / MEBIBYTE) + MARGIN;
    const worker = new Worker(new URL(import.meta.url), { workerData: run, resourceLimits: { stackSizeMb } });
    let ended;
    worker.on('message', () => {
        if (run.timeout === null) return;
        setTimeout(() => {
            say(`timeout: the guest did not end within ${run.timeout} seconds`);
            ended = TIMED_OUT;
            worker.terminate();
            // A guest that waits inside of a call of the system cannot be stopped alone.
            setTimeout(() => process.kill(process.pid, 'SIGKILL'), PATIENCE).unref();
        }, run.timeout * 1000).unref();
    });
    worker.on('error', (error) => {
        say(`error: ${error.stack}`);
        ended = FAILED;
    });
    worker.on('exit', (code) => process.exit(ended ?? code));
} else {
    Error.stackTraceLimit = 50;
    process.exit(guest(workerData));
}
