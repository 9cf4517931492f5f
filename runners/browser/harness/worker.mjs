// One run of a guest: loads the package, gives Python its files, streams and arguments, and reports to the page how it ended.
// Python runs in one go, so that what it reads and writes meanwhile goes over the network synchronously: only workers can do that.

import { ReadOnlyFiles, Packed, Served } from "./files.mjs";

const here = new URL(".", import.meta.url);
const INTERRUPTED = Symbol.for("python.interrupted");
// Emscripten's numbers.
const EIO = 29;
const EPIPE = 64;
// A major number that nobody uses.
const MAJOR = 75;

/** Asks the runner and waits for the answer. */
export function ask(method, path, body) {
  const request = new XMLHttpRequest();
  request.open(method, new URL(path, here), false);
  request.responseType = "arraybuffer";
  request.send(body);
  return request;
}

/** What is being done, for the message if it fails. */
let step = "load the package";

onmessage = async ({ data: job }) => {
  try {
    postMessage(await run(job));
  } catch (error) {
    // Emscripten's file system throws numbers without words.
    const words = error.errno === undefined ? `${error.message ?? error}` : `errno ${error.errno} of Emscripten`;
    postMessage({ failed: error.stack?.includes(words) ? error.stack : `cannot ${step}: ${words}\n${error.stack ?? ""}` });
  }
};

async function run(job) {
  const base = new URL("package/", here);
  const { loadPython } = await import(new URL("python.mjs", base));
  let FS;
  const output = (number) => (bytes) => write(() => FS, job.run, number, bytes);
  const python = await loadPython({
    args: job.arguments,
    env: job.environment,
    baseURL: base.href,
    interruptBuffer: job.interruptBuffer,
    stdin: () => read(job.run),
    stdout: output(0),
    stderr: output(1),
  });
  FS = python.FS;
  step = "place the directories";
  job.directories.forEach((directory, number) => place(FS, job, directory, number));
  step = "make the appended files";
  job.appended.forEach((path, number) => {
    const device = FS.makedev(MAJOR, number);
    FS.registerDevice(device, {
      // Through the page, which is not held up by what happens here: a request for each line would take milliseconds.
      write(stream, buffer, offset, length) {
        const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length).slice();
        postMessage({ output: 2 + number, bytes }, [bytes.buffer]);
        return length;
      },
      // Emscripten goes to the end before it writes there.
      llseek: () => 0,
    });
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")) || "/");
    FS.mkdev(path, 0o222, device);
  });
  job.terminals.forEach((is, descriptor) => {
    if (is) FS.getStream(descriptor).tty = { ops: { ioctl_tiocgwinsz: () => job.window } };
  });
  step = "go to the working directory";
  FS.chdir(job.workingDirectory);
  postMessage({ running: true });
  return end(() => python.main());
}

function end(main) {
  try {
    return { exited: main() & 0xff };
  } catch (error) {
    if (error.exitCode !== undefined) return { exited: error.exitCode & 0xff };
    const cause = error.cause ?? error;
    // Where the harness lies is nothing to anybody.
    return { trapped: `${cause.stack ?? cause}`.replaceAll(here.href, "") };
  }
}

/** Puts a directory where the guest sees it: its files as they are, or a copy of them. */
function place(FS, { run, appended }, { guest, readOnly, contents }, number) {
  FS.mkdirTree(guest);
  const source = contents ? new Packed(contents) : new Served(ask, `directory/${run}/${number}`);
  if (readOnly) {
    FS.mount(new ReadOnlyFiles(FS, source), {}, guest);
  } else {
    copy(FS, source, "", guest === "/" ? "" : guest, appended);
  }
}

function copy(FS, source, path, guest, without) {
  for (const { name, directory } of source.list(path)) {
    const [from, to] = [path ? `${path}/${name}` : name, `${guest}/${name}`];
    if (directory) {
      FS.mkdirTree(to);
      copy(FS, source, from, to, without);
    } else if (!without.includes(to)) {
      FS.writeFile(to, source.read(from));
    }
  }
}

/** What came on stdin; nothing at its end. */
function read(run) {
  const answer = ask("GET", `stdin/${run}`);
  if (answer.status === 205) return INTERRUPTED;
  if (answer.status !== 200) throw new Error(`the runner answered ${answer.status}`);
  return answer.response.byteLength ? new Uint8Array(answer.response) : null;
}

function write(files, run, number, bytes) {
  let status;
  try {
    ({ status } = ask("POST", `output/${run}/${number}`, bytes));
  } catch {
    // The runner is gone.
  }
  if (status === 200) return;
  throw new (files().ErrnoError)(status === 410 ? EPIPE : EIO);
}
