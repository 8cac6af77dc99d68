import { expect, test } from "../support/site";

test("everything goes by keyboard: an example, its moments, the scenario, the details", async ({ page, open }) => {
  await open();
  await page.keyboard.press("/");
  await page.keyboard.type("exact policy");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.locator("#title")).toContainText("The trap");
  await page.keyboard.press("j");
  await expect(page.locator("#decision")).toContainText("Deny");
  await page.keyboard.press("k");
  await expect(page.locator("#decision")).toContainText("Allow");
  await page.keyboard.press("Alt+1");
  await expect(page.locator("[aria-current]")).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.locator("[aria-current]"), "the next moment, which keeps the focus").toBeFocused();
  await expect(page.locator("#decision")).toContainText("from API Gateway's cache");
  await page.keyboard.press("Alt+2");
  await expect(page.locator("#source")).toBeFocused();
  await page.keyboard.press("Alt+3");
  await expect(page.getByLabel("3scale answers")).toBeFocused();
  await page.keyboard.press("Alt+4");
  await expect(page.getByLabel("API and authorizer")).toBeFocused();
  await page.locator("#tab-policy").focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { selected: true })).toHaveText("Gateway answer");
  await expect(page.getByRole("tabpanel")).toContainText("HTTP/1.1 403");
});

test("single keys rest while somebody types", async ({ page, open }) => {
  await open();
  await page.locator("#source").focus();
  await page.keyboard.type("s?/");
  await expect(page.locator("dialog[open]")).toHaveCount(0);
});

test("Tab leaves the editor, and reaches everything that can be used", async ({ page, open }) => {
  await open();
  const usable = await page.locator("a[href], button, input, select, textarea, summary").evaluateAll((all) => {
    const isShown = (element) => element.checkVisibility() && !element.disabled && element.tabIndex >= 0;
    return all.filter(isShown).length;
  });
  const reached = new Set();
  for (let presses = 0; presses < usable + 30; presses += 1) {
    await page.keyboard.press("Tab");
    const index = await page.evaluate(() => {
      const usableOnes = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")];
      return usableOnes.indexOf(document.activeElement);
    });
    if (index >= 0) reached.add(index);
  }
  expect(reached.size).toBe(usable);
});

test("help explains every key and every kind of step", async ({ page, open }) => {
  await open();
  await page.keyboard.press("?");
  await expect(page.locator("#shortcuts div")).toHaveCount(9);
  await expect(page.locator("#step-words div")).toHaveCount(17);
});
