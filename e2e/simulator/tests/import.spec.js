import { expect, outcomes, test } from "../support/site";

/** Imports a text, and returns the outcomes. */
async function imported(page, text) {
  await page.keyboard.press("i");
  await page.locator("#import-text").fill(text);
  await page.locator("#import-now").click();
  await expect(page.locator("#import")).toBeHidden();
  return outcomes(page);
}

test("a curl command becomes a call", async ({ page, open }) => {
  await open();
  const command =
    "curl -i -X DELETE -H 'apikey: demo-key' \\\n  \"https://abc.execute-api.us-east-1.amazonaws.com/dev/orders/7?x=1\"";
  expect(await imported(page, command)).toEqual(["200 allow granted miss"]);
  await expect(page.locator("#what")).toHaveText("DELETE /dev/orders/7?x=1");
});

test("a call becomes the curl command that it came from", async ({ page, open }) => {
  await open();
  await imported(page, "curl -H 'accept: it'\\''s' 'http://127.0.0.1:9100/dev/a?b=c&d=e'");
  await page.evaluate(() => (navigator.clipboard.writeText = (text) => Promise.resolve((window.copied = text))));
  await page.locator("#open-share").click();
  await page.locator("#copy-curl").click();
  expect(await page.evaluate(() => window.copied)).toBe(
    "curl -i -X GET -H 'accept: it'\\''s' 'http://127.0.0.1:9100/dev/a?b=c&d=e'",
  );
});

test("a line of the decision log becomes what it tells of", async ({ page, open }) => {
  await open();
  const facts = {
    level: "INFO",
    message: "authorization",
    credential: "x",
    method_arn: "arn:aws:execute-api:us-east-1:1:a/dev/GET/x",
  };
  for (const [decision, reason, cache] of [
    ["allow", "granted", "hit"],
    ["allow", "granted", "off"],
    ["deny", "limits_exceeded", "miss"],
    ["deny", "application_not_active", "hit"],
    ["deny", "backend_unavailable", "miss"],
    ["allow", "backend_unavailable", "miss"],
    ["deny", "configuration_error", "miss"],
  ]) {
    const line = `2026-07-20T10:30:15Z ${JSON.stringify({ ...facts, decision, reason, cache })}`;
    expect((await imported(page, line)).at(-1)).toContain(`${decision} ${reason} ${cache}`);
  }
});

test("an event becomes a moment", async ({ page, open }) => {
  await open();
  const event = {
    type: "TOKEN",
    methodArn: "arn:aws:execute-api:us-east-1:123456789012:abc/dev/GET/x",
    authorizationToken: "demo-key",
  };
  expect(await imported(page, JSON.stringify(event))).toEqual(["allow granted miss"]);
});

test("what is none of these is told", async ({ page, open }) => {
  await open();
  await page.keyboard.press("i");
  for (const [text, told] of [
    ["hello", "no JSON"],
    ["{}", "no scenario"],
    ["curl -i", "no address"],
  ]) {
    await page.locator("#import-text").fill(text);
    await page.locator("#import-now").click();
    await expect(page.locator("#import-problem")).toContainText(told);
  }
});
