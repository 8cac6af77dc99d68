import AxeBuilder from "@axe-core/playwright";

import { expect, test, write } from "../support/site";

const PHONE = { width: 390, height: 844 };

/** What a tool for accessibility finds on the page as it is. */
async function violations(page) {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    test("nobody is shut out, whatever the page shows", async ({ page, open }) => {
      for (const example of ["exact-policy-is-replayed", "mapping-rules"]) {
        await open(`#example=${example}`);
        await page.locator("button.moment").nth(1).click();
        expect(await violations(page), example).toEqual([]);
      }
      for (const tab of ["Gateway answer", "Caches"]) {
        await page.getByRole("tab", { name: tab }).click();
        expect(await violations(page), tab).toEqual([]);
      }
    });

    test("nor from dialogs and mistakes", async ({ page, open }) => {
      await open();
      for (const dialog of ["examples", "import", "share", "help"]) {
        await page.locator(`#open-${dialog}`).click();
        await expect(page.locator(`#${dialog}`)).toBeVisible();
        expect(await violations(page), dialog).toEqual([]);
        await page.keyboard.press("Escape");
      }
      await write(page, '{ "settings": { "FAIL_MODE": "ajar" }, "timeline": [] }');
      await expect(page.locator("#validity")).toHaveText("1 to mend");
      expect(await violations(page), "a mistake").toEqual([]);
    });
  });
}

test.describe("on a telephone", () => {
  test.use({ viewport: PHONE });

  test("nobody is shut out, and nothing is wider than the screen", async ({ page, open }) => {
    for (const example of ["limit-is-met", "mapping-rules"]) {
      await open(`#example=${example}`);
      await page
        .locator("details:not([open]) > summary")
        .evaluateAll((all) => all.forEach((summary) => summary.click()));
      expect(await violations(page), example).toEqual([]);
      for (const tab of await page.getByRole("tab").all()) {
        await tab.click();
        const [content, screen] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          document.documentElement.clientWidth,
        ]);
        expect(content, example).toBeLessThanOrEqual(screen);
      }
    }
  });

  test("the decision stays in sight", async ({ page, open }) => {
    await open();
    await page.locator("footer").scrollIntoViewIfNeeded();
    await expect(page.locator("#decision")).toBeInViewport();
  });
});

test("the result is told to those who hear the page", async ({ page, open }) => {
  await open("#example=limit-is-met");
  await page.keyboard.press("j");
  await expect(page.getByRole("status")).toHaveText("GET /dev/greetings: 200 allow granted hit");
});

test("paper gets what happened, and no controls", async ({ page, open }) => {
  await open();
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("#steps")).toBeVisible();
  await expect(page.locator(".inputs")).toBeHidden();
  await expect(page.locator(".actions")).toBeHidden();
});

test("nothing moves for those who want it still", async ({ page, open }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open();
  const durations = await page
    .locator("#decision, .hand")
    .evaluateAll((all) => all.map((element) => getComputedStyle(element).transitionDuration));
  expect(new Set(durations)).toEqual(new Set(["0s"]));
});
