// The built page, served to a browser that is watched.

import { test as base, expect } from "@playwright/test";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { target } from "./target";

const built = path.join(target, "simulator");
const sources = path.resolve(__dirname, "../../../docs/simulator");
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** The page as one file, from the disk. */
export const singleFile = pathToFileURL(path.join(built, "simulator.html")).href;

export const test = base.extend({
  /** The address of the page, on a port that was free. */
  site: [
    async ({}, use) => {
      const server = http.createServer(answer);
      await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
      await use(`http://127.0.0.1:${server.address().port}/`);
      server.close();
    },
    { scope: "worker" },
  ],

  /** What the browser complained of; a test that leaves something in it fails. */
  complaints: [
    async ({ page }, use) => {
      const complaints = [];
      page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.stack));
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],

  /** Opens the page, and waits until it is ready. */
  open: async ({ page, site }, use) => {
    await use(async (hash = "", base = site) => {
      await page.goto(base + hash);
      await ready(page);
    });
  },
});

export { expect };

/** Waits until the page is ready. */
export async function ready(page) {
  await page.locator("body[data-ready]").waitFor({ state: "attached" });
}

/** The outcomes of all moments, as the timeline has them. */
export async function outcomes(page) {
  return page.locator("button.moment").evaluateAll((moments) => moments.map((moment) => moment.title));
}

/** Puts a text into the editor, as if it had been typed. */
export async function write(page, text) {
  await page.locator("#source").fill(text);
  await page.locator("#source").press("Control+Enter");
}

/** Serves the page; and, for tests that ask for them, the modules it was made of. */
function answer(request, response) {
  const name = new URL(request.url, "http://site").pathname.slice(1) || "index.html";
  const directories = [built, path.join(target, "simulator-engine"), sources];
  const file = directories.map((directory) => path.join(directory, path.basename(name))).find(fs.existsSync);
  if (!file) return response.writeHead(404).end();
  return response.writeHead(200, { "content-type": TYPES[path.extname(file)] }).end(fs.readFileSync(file));
}
