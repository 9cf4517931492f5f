// Runs a WASI (preview 1) command with Node's own `node:wasi`. `cargo xtask run` and the package's launcher use it.
//
// The options are those of `wasmtime run`. The exit code is the guest's, or 134 for a trap, 124 (or SIGKILL) for --timeout,
// 125 where this program failed, and 2 for a wrong command line.
//
// The guest runs on a thread of its own: only such a thread can have a larger stack, and the main thread can watch the time.
// The guest's streams are this process's file descriptors: nothing passes through JavaScript.

import { isUtf8 } from 'node:buffer';
import { readFileSync, writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { WASI } from 'node:wasi';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const MEBIBYTE = 1024 * 1024;
// Stack that V8 needs for itself, beyond the limit that it keeps the guest to.
const MARGIN = 1;

// Milliseconds that a guest has to stop after its timeout.
const PATIENCE = 1000;

const TRAPPED = 134;
const TIMED_OUT = 124;
const FAILED = 125;
const USAGE = 2;

// `errno` of WASI preview 1.
const NOENT = 44;
const NOTCAPABLE = 76;

// The rights that a read-only directory keeps: to open, list and stat, and to read opened files.
const right = (...bits) => bits.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
const LOOK = right(13, 14, 15, 18, 21);
const READ = LOOK | right(0, 1, 2, 3, 4, 5, 7, 27);

// The file descriptor of the first directory: those before it are stdin, stdout and stderr.
const FIRST_DIRECTORY = 3;

function say(message) {
    writeSync(2, `node.mjs: ${message}\n`);
}

function usage(message) {
    say(`error: ${message}`);
    process.exit(USAGE);
}

// Node replaces bytes of arguments that are not UTF-8: the guest would get other arguments than it was given.
function rejectDamaged(words) {
    if (!words.some((word) => word.includes('\uFFFD'))) return;
    let bytes;
    try {
        bytes = readFileSync('/proc/self/cmdline');
    } catch {
        return;
    }
    if (!isUtf8(bytes)) usage('arguments must be UTF-8');
}

function parse(words) {
    const run = { argv0: null, env: {}, directories: [], stack: 16 * MEBIBYTE, timeout: null };
    if (words.shift() !== 'run') usage('the first word is `run`');
    for (;;) {
        const word = words.shift();
        const value = () => words.shift() ?? usage(`${word} needs a value`);
        if (word === '--dir') {
            const [host, guest = host, mode, ...more] = value().split('::');
            if (!host || !guest || more.length > 0 || (mode ?? 'ro') !== 'ro') usage('--dir is HOST, HOST::GUEST or HOST::GUEST::ro');
            run.directories.push({ host, guest, readOnly: mode === 'ro' });
        } else if (word === '--env') {
            const [, name, text] = /^([^=]+)(?:=(.*))?$/s.exec(value()) ?? usage('--env is NAME=VALUE or NAME');
            const set = text ?? process.env[name];
            if (set !== undefined) run.env[name] = set;
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

// If two directories have the same name, the last one counts; the descriptors are numbered by this table.
function preopens(directories) {
    return Object.fromEntries(directories.map(({ host, guest }) => [guest, host]));
}

// Sleeps, for a call of poll_oneoff that waits for one clock and nothing else; false for any other call.
// Node takes an absolute time for a duration, so a sleep with the flag ABSTIME would last for years; and it sleeps inside a
// system call, where a timeout can end it only with the process.
function sleep(memory, subscription, event, count, written) {
    const TAG = 8, CLOCK = 16, TIMEOUT = 24, FLAGS = 40;
    const REALTIME = 0, ABSTIME = 1, EVENT = 32;
    if (count !== 1 || memory.getUint8(subscription + TAG) !== 0) return false;
    let nanoseconds = memory.getBigUint64(subscription + TIMEOUT, true);
    if (memory.getUint16(subscription + FLAGS, true) & ABSTIME) {
        const realtime = memory.getUint32(subscription + CLOCK, true) === REALTIME;
        nanoseconds -= realtime ? BigInt(Date.now()) * 1_000_000n : process.hrtime.bigint();
    }
    if (nanoseconds > 0n) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(nanoseconds) / 1e6);
    const userdata = memory.getBigUint64(subscription, true);
    for (let at = event; at < event + EVENT; at += 8) memory.setBigUint64(at, 0n, true);
    memory.setBigUint64(event, userdata, true);
    memory.setUint32(written, 1, true);
    return true;
}

// As above, for a call that waits for a clock and for streams.
// The subscriptions are in the guest's memory, and the guest does not read them after the call.
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

// JavaScript sees WebAssembly's 32-bit integers as signed, and node:wasi rejects negative ones: every address above 2 GiB.
// 64-bit integers come as BigInt and need no change.
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

// uvwasi checks the rights of a directory before it looks for the file, so that removing a file that does not exist from a
// read-only directory gives ENOTCAPABLE. POSIX gives ENOENT, and programs rely on it.
// The call that looks for the file writes its status into the guest's memory, which is restored afterwards.
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
    // Node has no read-only directories. A guest asks for each directory's name before it uses it, and loses the rights to write then.
    const original = calls.fd_prestat_get;
    calls.fd_prestat_get = (fd, at) => {
        const error = original(fd, at);
        return error === 0 && readOnly.delete(fd) ? calls.fd_fdstat_set_rights(fd, LOOK, READ) : error;
    };
    let instance;
    const poll = calls.poll_oneoff;
    calls.poll_oneoff = (subscriptions, events, count, written) => {
        const memory = new DataView(instance.exports.memory.buffer);
        if (sleep(memory, subscriptions >>> 0, events >>> 0, count, written >>> 0)) return 0;
        makeClocksRelative(memory, subscriptions >>> 0, count);
        return poll(subscriptions, events, count, written);
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
        // As in POSIX, the parent sees the low eight bits.
        return wasi.start(instance) & 0xff;
    } catch (error) {
        say(`the guest trapped: ${error.stack}`);
        return TRAPPED;
    }
}

if (isMainThread) {
    // V8 calls node:wasi directly from WebAssembly ("fast API calls"), and its garbage collector must not run in such a call.
    // But node:wasi reports the memory that it allocates to V8, which can start the collector: it then misses objects that only
    // the stack refers to, frees node:wasi's table of files during a call, and the process aborts.
    setFlagsFromString('--no-turbo-fast-api-calls');
    rejectDamaged(process.argv);
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
            // A guest that is inside a system call cannot be stopped without the process.
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
