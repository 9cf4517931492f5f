// Python's standard streams as devices of Emscripten's file system that call functions of the embedder,
// and a device to sleep by.

/** What a function for stdin returns when a signal came while it waited. */
export const INTERRUPTED = Symbol.for("python.interrupted");

const EINTR = 27;
const EIO = 29;
const POLLIN_AND_POLLOUT = 5;
// A major number that Emscripten uses for nothing.
const MAJOR = 74;

/** Puts the descriptors 0, 1 and 2 onto the embedder's functions. */
export function mountStreams({ FS }, { stdin, stdout, stderr }) {
  const console_ = (log) => {
    const decoder = new TextDecoder();
    let line = "";
    return (bytes) => {
      const lines = (line + decoder.decode(bytes, { stream: true })).split("\n");
      line = lines.pop();
      lines.forEach((text) => log(text));
    };
  };
  const devices = {
    stdin: reader(FS, stdin ?? (() => null)),
    stdout: writer(stdout ?? console_((text) => console.log(text))),
    stderr: writer(stderr ?? console_((text) => console.warn(text))),
  };
  Object.entries(devices).forEach(([name, operations], number) => {
    const device = FS.makedev(MAJOR, number);
    FS.registerDevice(device, operations);
    FS.close(FS.getStream(number));
    FS.unlink(`/dev/${name}`);
    FS.mkdev(`/dev/${name}`, number === 0 ? 0o444 : 0o222, device);
    FS.open(`/dev/${name}`, number === 0 ? "r" : "w");
  });
}

/**
 * A device that is written the time (of `performance.now()`) until which to wait. Without it, C code waits with the processor
 * busy, and hears no signals. Only workers may wait so, and only with memory that others can wake them by.
 */
export function mountSleep({ FS }, { interruptBuffer }) {
  const shared = typeof SharedArrayBuffer === "function" && interruptBuffer?.buffer instanceof SharedArrayBuffer;
  if (!shared || typeof WorkerGlobalScope === "undefined" || interruptBuffer.byteOffset % 4) return;
  const signals = new Int32Array(interruptBuffer.buffer, interruptBuffer.byteOffset, 1);
  const device = FS.makedev(MAJOR, 3);
  FS.registerDevice(device, {
    write(stream, buffer, offset, length) {
      const until = Number(new TextDecoder().decode(new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length).slice()));
      for (let left; (left = until - performance.now()) > 0; ) {
        if (Atomics.load(signals, 0)) throw new FS.ErrnoError(EINTR);
        Atomics.wait(signals, 0, 0, left);
      }
      return length;
    },
  });
  FS.mkdev("/dev/sleep", 0o222, device);
}

function reader(FS, stdin) {
  const encoder = new TextEncoder();
  let pending = new Uint8Array();
  return {
    read(stream, buffer, offset, length) {
      if (pending.length === 0) {
        const given = ask(FS, stdin);
        if (given === null || given === undefined) return 0;
        pending = typeof given === "string" ? encoder.encode(given) : given;
      }
      const part = pending.subarray(0, length);
      pending = pending.subarray(part.length);
      buffer.set(part, offset);
      return part.length;
    },
    poll: () => POLLIN_AND_POLLOUT,
  };
}

function ask(FS, stdin) {
  let given;
  try {
    given = stdin();
  } catch (error) {
    console.warn("python: stdin failed:", error);
    throw new FS.ErrnoError(EIO);
  }
  if (given === INTERRUPTED) throw new FS.ErrnoError(EINTR);
  return given;
}

function writer(write) {
  return {
    write(stream, buffer, offset, length) {
      // A copy: the memory that Python wrote from is Python's.
      write(new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length).slice());
      return length;
    },
    poll: () => POLLIN_AND_POLLOUT,
  };
}
