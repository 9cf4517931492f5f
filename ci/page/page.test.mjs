// The page, used as people use it: keys in, screen out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { become, newPage, open, run, screen, screenshot, shows, startBrowser, stopBrowser, type } from "./browser.mjs";
import { serve } from "./server.mjs";

const { PACKAGE, SERVED_URL } = process.env;

before(startBrowser);
after(stopBrowser);

/** A test with a page of its own, which must not have complained. */
function withPage(name, options, use) {
  test(name, async () => {
    const page = await newPage(options);
    try {
      await use(page);
      assert.deepEqual(page.complaints, []);
    } catch (error) {
      await screenshot(page, `failed-${name.replaceAll(/\W+/g, "-")}`).catch(() => {});
      throw error;
    } finally {
      await page.context().close();
    }
  });
}

withPage("typing runs code, and tracebacks show only the user's own", {}, async (page) => {
  await open(page, SERVED_URL);
  assert.match(await screen(page), /^Python 3\.\d+\.\d+.* on emscripten/);
  await run(page, "6 * 7", /^42$/m);
  await run(page, "print('a', end=''); print('ä€😀')", /^aä€😀/m);
  await run(page, "1 / 0", "ZeroDivisionError: division by zero");
  const seen = await screen(page);
  assert.match(seen, /File "<input-3>", line 1, in <module>\n {4}1 \/ 0\n {4}~~\^~~/);
  assert.doesNotMatch(seen, /_browser/);
  assert.ok((await page.locator(".xterm-rows span[class*=xterm-fg-]").count()) > 3, "there are colours");
  await run(page, "x =", /  File "<input-4>", line 1\n    x =\n +\^\nSyntaxError: invalid syntax/);
  assert.doesNotMatch(await screen(page), /ast\.py/);
  await run(page, "_", /^42$/m);
  await run(page, "import zlib, bz2, json, sys; sys.platform", "'emscripten'");
});

withPage("blocks have several lines, which can be edited", {}, async (page) => {
  await open(page, SERVED_URL);
  // The indentation comes by itself.
  await run(page, "def double(n):\nreturn n + n\n");
  await run(page, "double('x')", "'xx'");
  // Up brings the whole block back; its second line is changed.
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await shows(page, />>> def double\(n\):\n\.\.\. {5}return n \+ n$/);
  await type(page, " + n");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await become(page, "ready");
  await run(page, "double('y')", "'yyy'");
  await type(page, "if True:");
  await page.keyboard.press("Enter");
  await type(page, "print('inside')");
  await page.keyboard.press("Shift+Enter");
  await type(page, "print('again')");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Home");
  await page.keyboard.press("End");
  await type(page, "  # here");
  await page.keyboard.press("Control+c");
  await shows(page, "KeyboardInterrupt");
  await run(page, "'still ' + 'here'", "'still here'");
});

withPage("Tab completes names, attributes and modules", {}, async (page) => {
  await open(page, SERVED_URL);
  await type(page, "import collec");
  await page.keyboard.press("Tab");
  await shows(page, ">>> import collections");
  await page.keyboard.press("Enter");
  await become(page, "ready");
  await type(page, "collections.Ord");
  await page.keyboard.press("Tab");
  await shows(page, "collections.OrderedDict(");
  await page.keyboard.press("Control+u");
  await run(page, "text = 'abc'");
  await type(page, "text.is");
  await page.keyboard.press("Tab");
  const seen = await shows(page, "isidentifier()");
  assert.match(seen, />>> text\.is$/, "what was typed stands below the list");
  await type(page, "alp");
  await page.keyboard.press("Tab");
  await run(page, "", /^True$/m);
});

withPage("Ctrl-C interrupts a loop, a sleep and a wait for input", {}, async (page) => {
  await open(page, SERVED_URL);
  await run(page, "kept = 'kept'");
  for (const code of ["while True: pass\n", "import time; time.sleep(600)", "input('? ')", "import asyncio; await asyncio.sleep(600)"]) {
    await type(page, `${code}\n`);
    await become(page, code.startsWith("input") ? "waiting" : "running");
    await page.waitForTimeout(300);
    await page.keyboard.press("Control+c");
    await become(page, "ready");
    await shows(page, /KeyboardInterrupt\n>>>$/);
    await page.keyboard.press("Control+l");
  }
  await type(page, "while True: pass\n\n");
  await become(page, "running");
  await page.locator("#interrupt").click();
  await become(page, "ready");
  await run(page, "kept", "'kept'");
});

withPage("input() waits for a line, and reads its end", {}, async (page) => {
  await open(page, SERVED_URL);
  await type(page, "name = input('Your name? ')\n");
  await become(page, "waiting");
  await type(page, "Adä\b\ba\n");
  await become(page, "ready");
  await run(page, "name", "'Aa'");
  await type(page, "import sys; sys.stdin.read()\n");
  await become(page, "waiting");
  await type(page, "one\n");
  await page.waitForTimeout(200);
  await type(page, "two\n");
  await page.waitForTimeout(200);
  await page.keyboard.press("Control+d");
  await become(page, "ready");
  await shows(page, "'one\\ntwo\\n'");
});

withPage("a pasted program runs as a whole", {}, async (page) => {
  await open(page, SERVED_URL);
  const paste = async (text) => {
    await page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await page.keyboard.press("Control+v");
  };
  await paste("def fib(n):\n    if n < 2:\n        return n\n\n    return fib(n - 1) + fib(n - 2)\n\nprint([fib(n) for n in range(10)])\n");
  await shows(page, "[0, 1, 1, 2, 3, 5, 8, 13, 21, 34]");
  await become(page, "ready");
  // Without its last line's end it waits, and can be changed.
  await paste("'not ' + 'run'");
  await page.waitForTimeout(300);
  assert.match(await screen(page), />>> 'not ' \+ 'run'$/);
  await run(page, "", "'not run'");
});

withPage("await works, and asyncio.run does too", {}, async (page) => {
  await open(page, SERVED_URL);
  await run(page, "import asyncio");
  await run(page, "await asyncio.sleep(0.1, 'slept')", "'slept'");
  await run(page, "async def both(): return await asyncio.gather(asyncio.sleep(0.1, 1), asyncio.sleep(0.2, 2))\n");
  await run(page, "await both()", "[1, 2]");
});

withPage("history outlives a reload, and variables do not", {}, async (page) => {
  await open(page, SERVED_URL);
  await run(page, "secret = 'x' * 3");
  await page.reload();
  await become(page, "ready");
  await run(page, "secret", "NameError");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await shows(page, ">>> secret = 'x' * 3");
  await run(page, "");
  await run(page, "secret", "'xxx'");
});

withPage("a link brings code, which runs only when it is told to", {}, async (page) => {
  await page.goto(`${SERVED_URL}#code=${encodeURIComponent("for n in range(3):\n    print(f'line {n}')")}`);
  await become(page, "ready");
  await shows(page, "print(f'line {n}')");
  assert.doesNotMatch(await screen(page), /line 2/);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await shows(page, "line 2");
  await become(page, "ready");
  await page.locator("#link").click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(decodeURIComponent(new URL(link).hash), "#code=for n in range(3):\n    print(f'line {n}')");
});

withPage("files that are added are in Python's folder", {}, async (page) => {
  await open(page, SERVED_URL);
  await page.locator("#file-input").setInputFiles({ name: "data.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") });
  await page.waitForFunction(() => document.getElementById("notice").textContent.includes("data.csv"));
  await page.locator("#terminal textarea").focus();
  await run(page, "open('data.csv').read()", "'a,b\\n1,2\\n'");
  // The same by dragging.
  const data = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["dropped"], "dropped.txt"));
    return data;
  });
  await page.dispatchEvent("body", "dragenter", { dataTransfer: data });
  assert.equal(await page.locator("#drop").isVisible(), true);
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
  assert.equal(await page.locator("#drop").isVisible(), false);
  await page.waitForFunction(() => document.getElementById("notice").textContent.includes("dropped.txt"));
  await run(page, "open('dropped.txt').read()", "'dropped'");
});

withPage("when Python ends, a new one starts", {}, async (page) => {
  await open(page, SERVED_URL);
  await run(page, "gone = 1");
  await type(page, "exit(3)\n");
  await shows(page, "[Python ended with 3; a new one starts]");
  await become(page, "ready");
  await run(page, "gone", "NameError");
  await run(page, "gone = 2");
  await page.locator("#restart").click();
  await shows(page, "Restarted: all variables are lost.");
  await become(page, "ready");
  await run(page, "gone", "NameError: name 'gone' is not defined");
  // Recursion without end raises, in Python and through C, and the interpreter lives on.
  await run(page, "def f(_): return sorted([1], key=f)\n");
  await run(page, "f(0)", "RecursionError: maximum recursion depth exceeded");
  await run(page, "6 * 7", /^42$/m);
});

withPage("the keyboard gets into the terminal and out of it", {}, async (page) => {
  await open(page, SERVED_URL);
  await type(page, "1");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => Boolean(document.activeElement.closest("#terminal"))), false);
  await page.keyboard.press("Shift+Tab");
  await type(page, "2\n");
  await shows(page, /^12$/m);
  await page.keyboard.press("Shift+Tab");
  assert.equal(await page.evaluate(() => document.activeElement.closest("#terminal textarea")), null);
  // Screen readers have the terminal's rows as text once that is switched on, and the state is announced.
  await page.locator("#reader").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#reader").getAttribute("aria-pressed"), "true");
  assert.match(await page.locator(".xterm-accessibility").innerText(), /Python 3/);
  await page.reload();
  await become(page, "ready");
  await page.waitForFunction(() => /Python 3/.test(document.querySelector(".xterm-accessibility")?.innerText));
  assert.equal(await page.locator("#status").getAttribute("aria-live"), "polite");
  for (const button of await page.locator("button:visible").all()) assert.notEqual((await button.innerText()).trim(), "");
});

withPage("a server that sends no headers will do, with a service worker", {}, async (page) => {
  const server = await serve(PACKAGE, { isolated: false });
  try {
    await open(page, server.url);
    assert.equal(await page.evaluate(() => crossOriginIsolated), true);
    await type(page, "input()\n");
    await become(page, "waiting");
    await type(page, "here\n");
    await shows(page, "'here'");
    // Without a connection, the page is still there.
    await server.close();
    await page.reload();
    await become(page, "ready");
    await run(page, "6 * 7", /^42$/m);
  } finally {
    await server.close().catch(() => {});
  }
});

test("without isolation, what is lost is said, and the rest works", async () => {
  const server = await serve(PACKAGE, { isolated: false });
  const page = await newPage({ serviceWorkers: "block" });
  try {
    await open(page, server.url);
    assert.equal(await page.evaluate(() => crossOriginIsolated), false);
    assert.match(await page.locator("#notice").innerText(), /Not cross-origin isolated/);
    await run(page, "input()", "RuntimeError: there is no input here");
    await type(page, "while True: pass\n\n");
    await become(page, "running");
    await page.waitForTimeout(300);
    await page.keyboard.press("Control+c");
    await shows(page, "Python starts anew: all variables are lost.");
    await become(page, "ready");
    await run(page, "6 * 7", /^42$/m);
  } finally {
    await page.context().close();
    await server.close();
  }
});

const HTML = (response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>no such page</title>");
const FAILURES = [
  ["a missing file", "/python.wasm", (response) => response.writeHead(404).end(), /python\.wasm could not be downloaded: the server answered 404/],
  ["a page instead of WebAssembly", "/python.wasm", HTML, /python\.wasm should be a WebAssembly module, and a web page came/],
  ["a page that says it is WebAssembly", "/python.wasm", (response) => response.writeHead(200, { "content-type": "application/wasm" }).end("<!doctype html>"), /python\.wasm should be a WebAssembly module, and a web page came/],
  ["a page instead of the library", "/python-stdlib.zip", HTML, /python-stdlib\.zip should be the standard library, a ZIP archive, and a web page came/],
  ["a page instead of JavaScript", "/emscripten.mjs", HTML, /emscripten\.mjs should be a JavaScript module.*, and a web page came/],
  ["a download that breaks off", "/python.wasm", (response, bytes) => {
    response.writeHead(200, { "content-type": "application/wasm", "content-length": bytes.length });
    response.write(bytes.subarray(0, 100000), () => setTimeout(() => response.destroy(), 200));
  }, /python\.wasm came only in part/],
  ["a missing worker", "/worker.mjs", (response) => response.writeHead(404).end(), /worker\.mjs could not be started as a worker/],
  ["a missing part of the page", "/page/editor.mjs", (response) => response.writeHead(404).end(), /part of this page .* could not be loaded/],
  ["a missing terminal", "/page/xterm/xterm.js", (response) => response.writeHead(404).end(), /terminal .*could not be downloaded/],
];

for (const [name, path, fault, message] of FAILURES) {
  test(`${name} is told, and a second try succeeds`, async () => {
    const server = await serve(PACKAGE, { faults: { [path]: fault } });
    const page = await newPage({ serviceWorkers: "block" });
    try {
      await page.goto(server.url);
      await become(page, "failed");
      await page.waitForFunction(() => document.getElementById("failure-text").textContent);
      assert.match(await page.locator("#failure").innerText(), message);
      assert.equal(await page.locator("#loading").isVisible(), false);
      if (name === "a page instead of WebAssembly") await screenshot(page, "failing");
      delete server.faults[path];
      await page.locator("#retry").click();
      await become(page, "ready");
      await run(page, "6 * 7", /^42$/m);
    } finally {
      await page.context().close();
      await server.close();
    }
  });
}

test("progress is shown in bytes while files come", async () => {
  let release;
  const slow = (response, bytes) => {
    response.writeHead(200, { "content-type": "application/wasm", "content-length": bytes.length });
    response.write(bytes.subarray(0, 2000000));
    release = () => response.end(bytes.subarray(2000000));
  };
  const server = await serve(PACKAGE, { faults: { "/python.wasm": slow } });
  const page = await newPage({ serviceWorkers: "block" });
  try {
    await page.goto(server.url);
    await page.waitForFunction(() => /[1-9][\d.]* of [1-9][\d.]* MB/.test(document.getElementById("progress-text").textContent));
    await page.waitForTimeout(500);
    await screenshot(page, "loading");
    assert.equal(await page.locator("#status").innerText(), "Loading");
    release();
    await become(page, "ready");
  } finally {
    await page.context().close();
    await server.close();
  }
});

for (const [name, options] of Object.entries({
  wide: {}, dark: { colorScheme: "dark" }, narrow: { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
})) {
  withPage(`it looks well: ${name}`, options, async (page) => {
    await open(page, SERVED_URL);
    await run(page, "import math, json");
    await run(page, "def area(radius):\nreturn math.pi * radius ** 2\n");
    await run(page, "[round(area(r), 2) for r in range(6)]  # circles", "78.54");
    await run(page, "1 / 0", "ZeroDivisionError");
    await type(page, "json.");
    await page.keyboard.press("Tab");
    await shows(page, "JSONDecoder(");
    await screenshot(page, name);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wider, false, "nothing is wider than the page");
  });
}

/** Chooses one of the two Pythons, which loads the page anew. */
async function choose(page, system) {
  const before = page.url();
  await Promise.all([page.waitForURL((url) => url.href !== before), page.selectOption("#system", system)]);
}

withPage("WASI is the second choice, and there is a way back", {}, async (page) => {
  await open(page, SERVED_URL);
  await choose(page, "wasi");
  await become(page, "waiting");
  await shows(page, /^Python 3\.\d+\.\d+.* on wasi/m, 60000);
  await type(page, "import sys, os, json; print(sys.platform, os.name, json.dumps([1]))\n");
  await shows(page, "wasi posix [1]");
  await type(page, "def double(n):\n    return n + n\n\nprint(double('ä€😀'))\n");
  await shows(page, /^ä€😀ä€😀$/m);
  await type(page, "name = input('Who? ')\nWorld\nprint(f'Hello {name}')\n");
  await shows(page, /Who\? World/);
  await shows(page, /^Hello World$/m);
  await type(page, "1 / 0\n");
  await shows(page, "ZeroDivisionError: division by zero");
  await type(page, "open('/tmp/a', 'w').write('kept'); print(open('/tmp/a').read())\n");
  await shows(page, /^kept$/m);
  await screenshot(page, "wasi");
  // Nothing else ends what runs.
  await type(page, "while True: pass\n\n");
  await become(page, "running");
  await page.keyboard.press("Control+c");
  await shows(page, "Python starts anew: all variables are lost.");
  await become(page, "waiting");
  await type(page, "exit(3)\n");
  await shows(page, "[Python ended with 3; a new one starts]");
  await choose(page, "emscripten");
  await become(page, "ready");
  await shows(page, / on emscripten/);
});

test("a page without the Python for WASI says what makes it", async () => {
  const server = await serve(PACKAGE);
  const page = await newPage();
  await page.goto(`${server.url}?system=wasi`);
  await become(page, "failed");
  assert.match(await page.locator("#failure-text").textContent(), /wasi\/python\.wasm could not be downloaded: the server answered 404/);
  assert.match(await page.locator("#failure-hint").textContent(), /cargo xtask build wasi/);
  await choose(page, "emscripten");
  await become(page, "ready");
  await page.context().close();
  await server.close();
});
