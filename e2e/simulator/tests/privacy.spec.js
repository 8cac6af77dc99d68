import zlib from "node:zlib";

import { scenarios } from "../support/scenarios";
import { expect, test, write } from "../support/site";

const CANARY = "CANARY-4f1c0a";

/** Keys with what URLs, XML and JSON write otherwise; whatever becomes of them, the letters at their ends stay. */
const KEYS = ["first", "second", "third"].map((name) => `${CANARY}-${name} "<%25&+>\\ ${CANARY}`);

test("nothing is requested but the page itself, and nothing at all once it is there", async ({ page, open, site }) => {
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await open();
  expect(requests.filter((url) => !url.startsWith(site) && !url.startsWith("data:"))).toEqual([]);
  requests.length = 0;
  for (const { name } of scenarios.slice(0, 5))
    await page.evaluate((hash) => (location.hash = hash), `example=${name}`);
  await page.locator("#open-share").click();
  await expect(page.locator("#share")).toBeVisible();
  expect(requests).toEqual([]);
});

test("what is shown of a run holds no credential that the authorizer read", async ({ page, open }) => {
  await open();
  const { timeline, ...rest } = withCanaries();
  const calls = timeline.filter((moment) => moment.call);
  await write(page, JSON.stringify({ ...rest, timeline: calls }, null, 2));
  await expect(page.locator("#validity")).toHaveText("\u2713 valid");
  for (const moment of await page.locator("button.moment").all()) {
    await moment.click();
    for (const tab of await page.getByRole("tab").all()) {
      await tab.click();
      expect(await page.locator(".results").innerHTML()).not.toContain(CANARY);
    }
  }
  for (const part of ["#decision", "#pane-timeline", "#live"]) {
    expect(await page.locator(part).innerHTML()).not.toContain(CANARY);
  }
});

test("a link holds no credential, and the scenario behind it ends the same", async ({ page, open, site }) => {
  await open();
  await write(page, JSON.stringify(withCanaries()));
  await expect(page.locator("#validity")).toHaveText("\u2713 valid");
  const before = await page.locator("button.moment b").allTextContents();
  await page.locator("#open-share").click();
  await expect(page.locator("#share")).toBeVisible();
  const link = await page.locator("#link").inputValue();
  await page.evaluate(() => (navigator.clipboard.writeText = (text) => Promise.resolve((window.copied = text))));
  for (const kind of ["scenario", "report", "curl"]) {
    await page.locator(`#copy-${kind}`).click();
    await expect(page.locator(`#copy-${kind}`)).toHaveText("Copied");
    expect(await page.evaluate(() => window.copied)).toContain("<key:");
    expect(await page.evaluate(() => window.copied)).not.toContain(CANARY);
  }
  expect(await page.locator("#hidden-keys").textContent()).toMatch(/^[1-9]\d* credentials are replaced\.$/);
  await page.goto("about:blank");
  await open(link.slice(site.length));
  expect(await page.locator("#source").inputValue()).not.toContain(CANARY);
  expect(await page.locator("#source").inputValue()).toContain("<key:1>");
  expect(await page.locator("button.moment b").allTextContents()).toEqual(before);
});

test("nothing that is shared of any example shows a credential", async ({ page, open }) => {
  await open();
  await page.evaluate(() => (navigator.clipboard.writeText = (text) => Promise.resolve((window.copied = text))));
  for (const { name, scenario } of scenarios) {
    const text = JSON.stringify(withKeys(scenario));
    expect(shows(text), name).toBe(true);
    await write(page, text);
    await expect(page.locator("#validity")).toHaveText("\u2713 valid");
    await page.locator("#open-share").click();
    await expect(page.locator("#share")).toBeVisible();
    expect(shows(inflated(await page.locator("#link").inputValue())), `link of ${name}`).toBe(false);
    for (const kind of ["scenario", "report", "curl"]) {
      await page.locator(`#copy-${kind}`).click();
      expect(shows(await page.evaluate(() => window.copied)), `${kind} of ${name}`).toBe(false);
    }
    await page.keyboard.press("Escape");
  }
});

/** Whether a text shows a credential, as it is or in base64. */
function shows(text) {
  const words = text.match(/[\w+/=-]{12,}/g) ?? [];
  return [text, ...words.map((word) => Buffer.from(word, "base64").toString())].some((form) => form.includes(CANARY));
}

/** The scenario in a link. */
function inflated(link) {
  const packed = new URLSearchParams(new URL(link).hash.slice(1)).get("v1");
  return zlib.inflateRawSync(Buffer.from(packed, "base64url")).toString();
}

/** Other credentials in a scenario than its own, and a first call with one in its query. */
function withKeys(scenario) {
  const [first, second, third] = KEYS;
  const basic = (pair) => `Basic ${btoa(`${atob(pair.split(" ")[1]).split(":")[0]}:${second}`)}`;
  const credential = (value) => (value.startsWith("Basic ") ? basic(value) : value === "demo-key" ? first : second);
  const marked = (moment) => {
    const { call, threescale } = structuredClone(moment);
    for (const [header, value] of Object.entries(call?.headers ?? {})) call.headers[header] = credential(value);
    if (threescale?.body) threescale.body = threescale.body.replace(/(?<=key|token) "[^"]*"/, ` "${xml(second)}"`);
    return { ...moment, ...(call && { call }), ...(threescale && { threescale }) };
  };
  const query = { at: 0, call: { path: `/dev/a?user_key=${encodeURIComponent(third)}&page=2` } };
  return {
    ...scenario,
    settings: { ...scenario.settings, CREDENTIAL_SECRET: `${CANARY}-which-is-long-enough-for-a-secret` },
    timeline: [query, ...scenario.timeline.map(marked)],
  };
}

/** A text as 3scale writes it into XML. */
function xml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** Credentials in every place that may hold one. */
function withCanaries() {
  const basic = btoa(`${CANARY}-i:`);
  const event = {
    type: "REQUEST",
    methodArn: "arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/GET/a",
    httpMethod: "GET",
    path: "/a",
    headers: { apikey: `${CANARY}-d`, Cookie: `session=${CANARY}-e` },
    multiValueHeaders: { apikey: [`${CANARY}-d`] },
    queryStringParameters: { user_key: `${CANARY}-f` },
    requestContext: { stage: "dev", apiId: "abcdef123", httpMethod: "GET", path: "/dev/a" },
  };
  const echo = { status: 403, body: `<error code="user_key_invalid">user key "${CANARY}-c" is invalid</error>` };
  return {
    settings: {
      THREESCALE_SERVICE_TOKEN: `${CANARY}-a`,
      CREDENTIAL_SECRET: `${CANARY}-b-which-is-long-enough-for-a-secret`,
      CREDENTIAL_SOURCES: "header:apikey,query:user_key,header:x-mine,basic",
    },
    api: { kind: "rest-request", identity_sources: [] },
    timeline: [
      { at: 0, call: { path: "/dev/a", headers: { apikey: `${CANARY}-c` } }, threescale: echo },
      { at: 1, call: { path: `/dev/a?user_key=${CANARY}-g&page=2` } },
      { at: 2, call: { path: "/dev/a", headers: { "x-mine": `${CANARY}-h` } } },
      { at: 3, call: { path: "/dev/a", headers: { Authorization: `Basic ${basic}` } } },
      { at: 4, event },
    ],
  };
}
