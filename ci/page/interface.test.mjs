// python.mjs, used by programs in a page and in workers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newPage, startBrowser, stopBrowser } from "./browser.mjs";
import { serve } from "./server.mjs";

let server;
let page;

before(async () => {
  await startBrowser();
  server = await serve(process.env.PACKAGE);
  page = await newPage();
  await page.goto(`${server.url}blank.html`);
  await page.evaluate(() => {
    globalThis.load = async (options) => {
      const { loadPython } = await import("./python.mjs");
      const said = { stdout: "", stderr: "" };
      const collect = (stream, decoder = new TextDecoder()) => (bytes) => (said[stream] += decoder.decode(bytes, { stream: true }));
      const python = await loadPython({ stdout: collect("stdout"), stderr: collect("stderr"), ...options });
      return { python, said };
    };
    globalThis.failure = async (action) => {
      try {
        return { value: await action() };
      } catch ({ name, message, type, code, exitCode }) {
        return { name, message, type, code, exitCode };
      }
    };
  });
});
after(async () => {
  await stopBrowser();
  await server.close();
});

for (const worker of [false, true]) {
  const where = worker ? "in a worker" : "in the page";

  test(`main runs a program with arguments, environment, input and files, ${where}`, async () => {
    const result = await page.evaluate(async (worker) => {
      const lines = ["first\n", "second", null];
      const { python, said } = await load({
        worker,
        args: ["/home/program.py", "one", "zwei ä"],
        env: { NAME: "wert €" },
        stdin: () => lines.shift(),
        files: { "/home/program.py": "import os, sys\nprint(sys.argv[1:], os.environ['NAME'], sys.stdin.read().split(), open('/data/x.bin', 'rb').read())\nprint('oops', file=sys.stderr)\nsys.exit(7)\n", "/data/x.bin": new Uint8Array([0, 255]) },
      });
      return { code: await python.main(), said, again: await failure(() => python.run("1")) };
    }, worker);
    assert.equal(result.code, 7);
    assert.equal(result.said.stdout, "['one', 'zwei ä'] wert € ['first', 'second'] b'\\x00\\xff'\n");
    assert.equal(result.said.stderr, "oops\n");
    assert.equal(result.again.name, "PythonEnded");
  });

  test(`run gives values and exceptions, and variables stay, ${where}`, async () => {
    const result = await page.evaluate(async (worker) => {
      const { python, said } = await load({ worker });
      const values = [];
      for (const code of ["x = 6", "x * 7", "[1, 2.5, None, True, {'a': 'ä'}]", "object", "2 ** 100", "float('nan')", "(1, 2)", "x += 1\nprint('said')\nx", "'\\ud83d' + '\\0'"]) {
        values.push(await python.run(code));
      }
      await python.writeFile("/new/folder/file.txt", "text ä");
      values.push(await python.run("open('/new/folder/file.txt').read()"));
      await python.run("open('/out.txt', 'w').write('back')");
      values.push(await python.readFile("/out.txt", { encoding: "utf8" }));
      return { values, said, failed: await failure(() => python.run("def f():\n  raise KeyError('k')\nf()")), after: await python.run("x") };
    }, worker);
    assert.deepEqual(result.values, [null, 42, [1, 2.5, null, true, { a: "ä" }], "<class 'object'>", "1267650600228229401496703205376", "nan", "(1, 2)", 7, "\ud83d\0", "text ä", "back"]);
    assert.equal(result.said.stdout, "said\n");
    assert.equal(result.failed.name, "PythonError");
    assert.equal(result.failed.type, "KeyError");
    assert.equal(result.failed.message, "Traceback (most recent call last):\n  File \"<code>\", line 3, in <module>\n  File \"<code>\", line 2, in f\nKeyError: 'k'");
    assert.equal(result.after, 7);
  });

  test(`runAsync awaits, several at once, ${where}`, async () => {
    const result = await page.evaluate(async (worker) => {
      const { python } = await load({ worker });
      await python.run("import asyncio");
      const start = performance.now();
      const values = await Promise.all([
        python.runAsync("await asyncio.sleep(0.3, 'slow')"), python.runAsync("await asyncio.sleep(0.1)\n'quick'"), python.runAsync("1 + 1"),
      ]);
      const took = performance.now() - start;
      return { values, took, failed: await failure(() => python.runAsync("await asyncio.sleep(0)\n1 / 0")), own: await python.run("asyncio.run(asyncio.sleep(0.05, 'own'))") };
    }, worker);
    assert.deepEqual(result.values, ["slow", "quick", 2]);
    assert.ok(result.took < 550, `they wait side by side: ${result.took} ms`);
    assert.equal(result.failed.type, "ZeroDivisionError");
    assert.equal(result.own, "own");
  });

  test(`wheels are unpacked onto sys.path, ${where}`, async () => {
    // Made by Python, in two ways: stored and compressed.
    const result = await page.evaluate(async (worker) => {
      const { python } = await load({});
      python.run("import zipfile\nfor name, how in ('stored', zipfile.ZIP_STORED), ('deflated', zipfile.ZIP_DEFLATED):\n  with zipfile.ZipFile(f'/{name}.whl', 'w', how) as wheel:\n    wheel.writestr(f'{name}/__init__.py', 'VALUE = ' + repr(name * 1000))");
      const wheels = ["stored", "deflated"].map((name) => python.readFile(`/${name}.whl`));
      const second = await load({ worker, packages: wheels });
      return {
        length: await second.python.run("import stored, deflated\nlen(stored.VALUE) + len(deflated.VALUE)"),
        bad: await failure(() => load({ worker, packages: [new Uint8Array([80, 75, 1, 2])] })),
      };
    }, worker);
    assert.equal(result.length, 14000);
    assert.match(result.bad.message, /is not a ZIP archive that can be read: its end is missing/);
  });

  test(`recursion without end raises RecursionError, ${where}`, async () => {
    const kinds = {
      "through C": "def f(_): return sorted([1], key=f)\nf(0)",
      "in Python": "def f(): f()\nf()",
      "comparing": "class C:\n  def __eq__(self, other): return [self] == [C()]\nC() == C()",
      "formatting": "class C:\n  def __repr__(self): return '%r' % (self,)\nrepr(C())",
      "attributes": "class C:\n  def __getattr__(self, name): return getattr(self, name + 'x')\nC().a",
      "lists": "x = []\nfor _ in range(100000): x = [x]\nrepr(x)",
      "JSON": "import json\njson.loads('[' * 100000)",
      "pickle": "import pickle\nx = []\nfor _ in range(100000): x = [x]\npickle.dumps(x)",
      "an expression": "compile('-' * 100000 + '1', '', 'eval')",
      "operators": "compile('+'.join(['a'] * 100000), '', 'eval')",
      "functions": "compile('(lambda: ' * 150 + '1' + ')' * 150, '', 'eval')",
    };
    const results = await page.evaluate(async ({ kinds, worker }) => {
      const { python } = await load({ worker });
      const results = {};
      for (const [name, code] of Object.entries(kinds)) results[name] = await failure(() => python.run(code));
      return results;
    }, { kinds, worker });
    for (const [name, { type, message }] of Object.entries(results)) {
      assert.ok(["RecursionError", "MemoryError"].includes(type), `${name}: ${type}: ${message}`);
    }
  });
}

test("a worker is interrupted, and can be ended and started anew", async () => {
  const result = await page.evaluate(async () => {
    const { python, said } = await load({ worker: true });
    await python.run("import time; x = 1");
    const interrupted = [];
    for (const code of ["while True: pass", "time.sleep(600)"]) {
      const running = failure(() => python.run(code));
      await new Promise((resolve) => setTimeout(resolve, 300));
      const start = performance.now();
      const reached = python.interrupt();
      const { type } = await running;
      interrupted.push([reached, type, performance.now() - start < 2000]);
    }
    const idle = python.interrupt();
    const kept = await python.run("x");
    const ended = failure(() => python.run("while True: pass"));
    python.terminate();
    const after = await failure(() => python.run("x"));
    await python.restart();
    return { interrupted, idle, kept, ended: await ended, after, anew: await failure(() => python.run("x")), said };
  });
  assert.deepEqual(result.interrupted, [[true, "KeyboardInterrupt", true], [true, "KeyboardInterrupt", true]]);
  assert.equal(result.kept, 1);
  assert.equal(result.ended.name, "PythonEnded");
  assert.equal(result.after.name, "PythonEnded");
  assert.equal(result.anew.type, "NameError");
});

test("a worker reads what takes its time to come, and long lines", async () => {
  const result = await page.evaluate(async () => {
    const texts = ["x".repeat(200000) + "\n", "late\n"];
    const stdin = async () => (await new Promise((resolve) => setTimeout(resolve, 100)), texts.shift() ?? null);
    const { python } = await load({ worker: true, stdin });
    return [await python.run("len(input())"), await python.run("input()"), await failure(() => python.run("input()"))];
  });
  assert.equal(result[0], 200000);
  assert.equal(result[1], "late");
  assert.equal(result[2].type, "EOFError");
});

test("a blob is mounted in a worker, over what was there", async () => {
  const result = await page.evaluate(async () => {
    const script = `
      import { loadPython } from "${location.origin}/python.mjs";
      const blob = new Blob(["VALUE = 1\\n", "VALUE = 2\\n"]);
      let out = "";
      const python = await loadPython({
        args: ["-c", "import sys; sys.path.insert(0, '/mounted'); import a.one, two; print(a.one.VALUE, two.VALUE)"],
        mounts: [{ path: "/mounted", index: [{ filename: "/a/one.py", start: 0, end: 10 }, { filename: "/two.py", start: 10, end: 20 }], blob }],
        stdout: (bytes) => (out += new TextDecoder().decode(bytes)), stderr: (bytes) => (out += new TextDecoder().decode(bytes)),
      });
      postMessage([python.main(), out]);`;
    const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })), { type: "module" });
    const answer = await new Promise((resolve, reject) => ((worker.onmessage = ({ data }) => resolve(data)), (worker.onerror = (event) => reject(new Error(event.message)))));
    return { answer, page: await failure(() => load({ mounts: [{ path: "/x", index: [], blob: new Blob([]) }] })) };
  });
  assert.deepEqual(result.answer, [0, "1 2\n"]);
  assert.match(result.page.message, /only a worker can read a blob/);
});

test("what lacks the browser something needed is told before anything is downloaded", async () => {
  const result = await page.evaluate(async () => {
    const kept = globalThis.BigInt64Array;
    globalThis.BigInt64Array = undefined;
    try {
      return await failure(() => load({}));
    } finally {
      globalThis.BigInt64Array = kept;
    }
  });
  assert.equal(result.code, "unsupported-browser");
  assert.match(result.message, /lacks 64-bit integers/);
});

test("a crash is told as one, and the worker can be started anew", async () => {
  const result = await page.evaluate(async () => {
    const { python } = await load({ worker: true });
    const crashed = await failure(() => python.run("import os; os.abort()"));
    await python.restart();
    return { crashed, after: await python.run("1 + 1") };
  });
  assert.equal(result.crashed.name, "PythonEnded");
  assert.match(result.crashed.message, /crashed/);
  assert.equal(result.after, 2);
});
