// One Chromium for all tests, and what they do with a page again and again.
import { join } from "node:path";
import { chromium } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

let browser = null;

export async function startBrowser() {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PROGRAM, args: ARGUMENTS });
}

export const stopBrowser = () => browser.close();

/** A page in a profile of its own. Whatever it complains about on its console is in `page.complaints`. */
export async function newPage(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 760 }, permissions: ["clipboard-read", "clipboard-write"], ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => message.type() === "error" && page.complaints.push(message.text()));
  page.on("pageerror", (error) => page.complaints.push(error.message));
  return page;
}

/** Waits for a state of the page. */
export async function become(page, state) {
  await page.waitForFunction((state) => document.body?.dataset.state === state, state, { timeout: 60000 });
}

/** What the terminal shows. */
export async function screen(page) {
  const rows = await page.locator(".xterm-rows > div").allTextContents();
  return rows.map((row) => row.replaceAll("\u00a0", " ").trimEnd()).join("\n").trimEnd();
}

/** Waits until the terminal shows something. */
export async function shows(page, text, milliseconds = 20000) {
  const end = Date.now() + milliseconds;
  let seen = "";
  while (Date.now() < end) {
    seen = await screen(page);
    if (text instanceof RegExp ? text.test(seen) : seen.includes(text)) return seen;
    await page.waitForTimeout(50);
  }
  throw new Error(`the terminal does not show ${text}, but:\n${seen}`);
}

export async function type(page, text) {
  await page.keyboard.type(text, { delay: 3 });
}

/** Types a block, and waits until it was run. */
export async function run(page, text, result) {
  await type(page, `${text}\n`);
  if (result !== undefined) await shows(page, result);
  await become(page, "ready");
}

export async function open(page, url) {
  await page.goto(url);
  await become(page, "ready");
  await shows(page, ">>>");
}

export const screenshot = (page, name) => page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`) });
