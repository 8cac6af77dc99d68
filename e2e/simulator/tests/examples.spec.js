import { scenarios } from "../support/scenarios";
import { expect, outcomes, ready, singleFile, test } from "../support/site";

for (const [where, base] of [
  ["from a web server", undefined],
  ["from one file on a disk", singleFile],
]) {
  test(`every example ends as it expects, ${where}`, async ({ page, open }) => {
    await open("", base);
    for (const { name, scenario } of scenarios) {
      await page.evaluate((hash) => (location.hash = hash), `example=${name}`);
      await expect(page.locator("#title")).toHaveText(scenario.title);
      const ends = await outcomes(page);
      expect(ends).toHaveLength(scenario.timeline.length);
      scenario.timeline.forEach(({ expect: expected }, index) => {
        if (expected) expect(`${name} ${ends[index]}`).toContain(`${name} ${expected}`);
      });
    }
  });
}

test("the menu has every example, and finds them by their words", async ({ page, open }) => {
  await open();
  await page.keyboard.press("/");
  await expect(page.locator("#example-list button")).toHaveCount(scenarios.length);
  await page.locator("#example-filter").fill("mapping rules DELETE");
  await expect(page.locator("#example-list button")).toHaveCount(1);
  await page.locator("#example-list button").click();
  await expect(page.locator("#title")).toHaveText("Mapping rules");
  expect(page.url()).toContain("#example=mapping-rules");
});

test("an example that is not there is told", async ({ page, open }) => {
  await open("#example=nothing");
  await expect(page.locator("#notice")).toContainText("There is no example");
  await ready(page);
  expect(await outcomes(page)).not.toEqual([]);
});
