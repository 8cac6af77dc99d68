import { scenarios } from "../support/scenarios";
import { expect, outcomes, test, write } from "../support/site";

/** The link of what the page shows. */
async function link(page) {
  await page.locator("#open-share").click();
  await expect(page.locator("#share")).toBeVisible();
  const value = await page.locator("#link").inputValue();
  await page.keyboard.press("Escape");
  return value;
}

test("every example comes through a link as it was", async ({ page, open }) => {
  await open();
  for (const { name, scenario } of scenarios) {
    await page.evaluate((hash) => (location.hash = hash), `example=${name}`);
    await expect(page.locator("#title")).toHaveText(scenario.title);
    const before = await outcomes(page);
    const hash = new URL(await link(page)).hash;
    expect(hash.length, name).toBeLessThan(2500);
    await page.evaluate(() => (location.hash = "example=unknown-key"));
    await expect(page.locator("#title")).toHaveText(
      scenarios.find((example) => example.name === "unknown-key").scenario.title,
    );
    await page.evaluate((to) => (location.hash = to), hash);
    await expect(page.locator("#title")).toHaveText(scenario.title);
    expect(await outcomes(page), name).toEqual(before);
  }
});

test("a link remembers which moment is looked at", async ({ page, open, site }) => {
  await open("#example=limit-is-met");
  await page.locator("button.moment").nth(3).click();
  const value = await link(page);
  await page.goto("about:blank");
  await open(value.slice(site.length));
  await expect(page.locator("button.moment").nth(3)).toHaveAttribute("aria-current", "step");
});

for (const [what, damage] of [
  ["cut off", (hash) => hash.slice(0, hash.length / 2)],
  ["changed", (hash) => `${hash.slice(0, 40)}AAAA${hash.slice(44)}`],
  ["of other letters", (hash) => `${hash.slice(0, 20)}!!${hash.slice(22)}`],
]) {
  test(`a link that was ${what} is told, and leaves everything as it is`, async ({ page, open }) => {
    await open("#example=mapping-rules");
    const text = await page.locator("#source").inputValue();
    const { hash } = new URL(await link(page));
    await page.evaluate((to) => (location.hash = to), damage(hash));
    await expect(page.locator("#notice")).toContainText("damaged");
    expect(await page.locator("#source").inputValue()).toBe(text);
  });
}

test("a link of a form to come is told", async ({ page, open }) => {
  await open("#v2=abc");
  await expect(page.locator("#notice")).toContainText("a form that this page does not know");
});

test("what is no JSON can not be shared", async ({ page, open }) => {
  await open();
  await write(page, '{ "timeline": [ apikey: CANARY');
  await page.locator("#open-share").click();
  await expect(page.locator("#notice")).toContainText("Only a scenario that is JSON");
  await expect(page.locator("#share")).toBeHidden();
});
