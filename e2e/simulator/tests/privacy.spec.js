import { scenarios } from "../support/scenarios";
import { expect, test, write } from "../support/site";

const CANARY = "CANARY-4f1c0a";

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
