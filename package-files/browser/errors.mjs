// The errors of this package, and how they get from a worker to its page.

/** What went wrong outside of Python, and what can be done about it. */
export class PythonLoadError extends Error {
  /**
   * @param {string} code what kind of failure it is, for programs
   * @param {string} message what failed, on which file
   * @param {{ hint?: string, url?: string, cause?: unknown }} [more]
   */
  constructor(code, message, { hint = "", url = "", cause } = {}) {
    super(hint ? `${message}\nhint: ${hint}` : message, { cause });
    this.name = "PythonLoadError";
    this.code = code;
    this.summary = message;
    this.hint = hint;
    this.url = url;
  }
}

/** An exception that Python code raised and did not catch. */
export class PythonError extends Error {
  constructor({ type, message, traceback }) {
    super(traceback.trimEnd());
    this.name = "PythonError";
    this.type = type;
    this.summary = message;
  }
}

/** The interpreter itself ended, and nothing can be run in it any more. */
export class PythonEnded extends Error {
  constructor(message, { cause, exitCode } = {}) {
    super(message, { cause });
    this.name = "PythonEnded";
    this.exitCode = exitCode;
  }
}

const CLASSES = { PythonEnded, PythonError, PythonLoadError };
const FIELDS = ["name", "message", "summary", "code", "hint", "url", "type", "exitCode"];

/** An error as plain data. */
export function toPlain(error) {
  return Object.fromEntries(FIELDS.filter((name) => error?.[name] !== undefined).map((name) => [name, error[name]]));
}

/** The error that the plain data was made from. */
export function fromPlain(plain) {
  const error = Object.create((CLASSES[plain.name] ?? Error).prototype);
  for (const [name, value] of Object.entries(plain)) Object.defineProperty(error, name, { value, configurable: true, writable: true });
  return error;
}
