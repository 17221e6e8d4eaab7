// Opens a page in headless Chromium at phone and desktop width, light and dark, and prints what was seen as JSON.
//
// Usage: node look.js PAGE [FOLDER]: with a folder, a screenshot of each is put there.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 900 } };
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const [path, folder] = process.argv.slice(2);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
const seen = [];
try {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      seen.push(await look(size, viewport, colorScheme));
    }
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));

async function look(size, viewport, colorScheme) {
  const context = await browser.newContext({ viewport, colorScheme });
  const page = await context.newPage();
  const requests = [], messages = [];
  page.on("request", (request) => requests.push(request.url().replace(/#.*/, "")));
  page.on("dialog", (dialog) => { messages.push(dialog.message()); dialog.dismiss(); });
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("popup", (popup) => messages.push(popup.url()));
  const url = pathToFileURL(path).href;
  await page.goto(url);
  const found = await page.evaluate(structure);
  if (folder) await page.screenshot({ path: join(folder, `${size}-${colorScheme}.png`), fullPage: true });
  const rows = await page.getByRole("row").count(), headers = await page.getByRole("columnheader").count();
  const focused = await keyboard(page);
  const { violations } = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
  await context.close();
  return { size, colorScheme, ...found, rows, headers, focused, messages, requests: requests.filter((one) => one !== url),
    violations: violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`) };
}

// Runs in the page: its elements with the names of their attributes, how wide it is, and what it says.
function structure() {
  const all = [...document.querySelectorAll("*")].filter((one) => one.localName !== "code");
  return {
    elements: all.map((one) => [one.localName, ...one.getAttributeNames()].join(" ")),
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    ground: getComputedStyle(document.body).backgroundColor,
    text: document.body.innerText,
  };
}

// What the tab key reaches, first things first.
async function keyboard(page) {
  const reached = [];
  for (let press = 0; press < 3; press += 1) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement.getAttribute("href")));
  }
  return reached;
}
