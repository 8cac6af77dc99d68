import { expect, outcomes, test, write } from "../support/site";

/** The scenario in the editor. */
async function scenario(page) {
  return JSON.parse(await page.locator("#source").inputValue());
}

test("what is typed runs by itself, and is no longer what the address names", async ({ page, open, site }) => {
  await open("#example=mapping-rules");
  await page.locator("#source").fill('{ "timeline": [{ "call": { "path": "/dev/a" } }] }');
  await expect(page.locator("#decision")).toContainText("Unauthorized");
  expect(await outcomes(page)).toEqual(["401 the authorizer was not asked"]);
  expect(page.url()).toBe(site);
});

test("a mistake is told with its place, and a click goes there", async ({ page, open }) => {
  await open();
  await write(page, '{\n  "settings": {\n    "FAIL_MODE": "ajar"\n  },\n  "timeline": []\n}');
  await expect(page.locator("#problems")).toContainText("FAIL_MODE must be one of closed, open");
  await expect(page.locator("#paint mark")).toHaveText('"FAIL_MODE": "ajar"');
  await page.getByRole("button", { name: "3:5" }).click();
  await expect(page.locator("#source")).toBeFocused();
  const at = await page.locator("#source").evaluate((source) => source.selectionStart);
  expect(at).toBe('{\n  "settings": {\n    '.length);
});

test("what is no JSON is told with its place, and the last run stays", async ({ page, open }) => {
  await open("#example=limit-is-met");
  const before = await outcomes(page);
  await write(page, '{\n  "timeline": [}\n}');
  await expect(page.locator("#problems .place")).toHaveText("2:16");
  expect(await outcomes(page)).toEqual(before);
});

test("what 3scale says changes what happens", async ({ page, open }) => {
  await open("#example=first-and-cached-call");
  await page.getByLabel("3scale answers").selectOption("No: the application is suspended");
  await expect(page.locator("#decision")).toContainText("application_not_active");
  expect((await scenario(page)).timeline[0].threescale.status).toBe(409);
  await page.getByLabel("status").fill("503");
  await page.getByLabel("status").press("Enter");
  await expect(page.locator("#decision")).toContainText("backend_unavailable");
  await expect(page.getByLabel("3scale answers")).toHaveValue("own");
  await page.getByLabel("3scale answers").selectOption("Yes, without a limit");
  await expect(page.locator("#decision")).toContainText("granted");
  expect((await scenario(page)).timeline[0].threescale).toBeUndefined();
});

test("a body that is no XML is told with its place", async ({ page, open }) => {
  await open();
  await page.locator("#reply textarea").last().fill("<status>\n<authorized>true</authorized>");
  await page.locator("#reply textarea").last().blur();
  await expect(page.locator("#body-hint")).toHaveText("The body is no XML, 2:30: <status> is not closed.");
});

test("the report of a collection has an answer of its own", async ({ page, open }) => {
  await open("#example=first-and-cached-call");
  await page.locator("button.moment").nth(4).click();
  await page.getByLabel("when it is").selectOption("report");
  await page.getByLabel("3scale answers").selectOption("No answer in time");
  await expect(page.locator("#decision")).toContainText("must come again");
  expect((await scenario(page)).timeline[4].collect).toEqual({ report: { fails: "timed-out" } });
});

test("settings are written into the scenario, and usual ones are left out", async ({ page, open }) => {
  await open("#example=threescale-down-closed");
  await page.getByLabel("FAIL_MODE").selectOption("open");
  await expect(page.locator("#decision")).toContainText("Allow");
  expect((await scenario(page)).settings.FAIL_MODE).toBe("open");
  await page.getByLabel("FAIL_MODE").selectOption("closed");
  await expect(page.locator("#decision")).toContainText("Deny");
  expect((await scenario(page)).settings?.FAIL_MODE).toBeUndefined();
});

test("a lint explains the trap, and its button mends it", async ({ page, open }) => {
  await open("#example=exact-policy-is-replayed");
  await page.locator("button.moment").nth(1).click();
  await expect(page.locator("#decision")).toContainText("Deny");
  const lint = page.locator(".lint").filter({ hasText: "exact_policy_is_replayed" });
  await lint.getByRole("button", { name: "Fix" }).click();
  await expect(lint).toHaveCount(0);
  expect((await scenario(page)).settings.POLICY_SCOPE).toBe("stage");
  await expect(page.locator("#decision")).toContainText("Allow");
});

test("moments come and go", async ({ page, open }) => {
  await open("#example=unknown-key");
  const before = (await outcomes(page)).length;
  await page.getByRole("button", { name: "+ Call" }).click();
  await page.getByRole("button", { name: "+ Collect" }).click();
  await expect(page.locator("button.moment")).toHaveCount(before + 2);
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(page.locator("button.moment")).toHaveCount(before + 1);
});

test("the clock shows what is remembered at any time", async ({ page, open }) => {
  await open("#example=stale-grant");
  await page.locator("#tab-caches").click();
  await expect(page.getByRole("tabpanel")).toContainText("60.0 s");
  const clock = page.getByRole("slider");
  await clock.focus();
  for (let presses = 0; presses < 50; presses += 1) await page.keyboard.press("ArrowRight");
  const fresh = async () => parseFloat(await page.locator("td").nth(2).textContent());
  await expect.poll(fresh).toBeLessThan(60);
  await expect(page.locator("button.moment").first()).toHaveAttribute("aria-current", "step");
  await page.keyboard.press("End");
  await expect(page.locator("button.moment").last()).toHaveAttribute("aria-current", "step");
});

test("a pinned run shows which step differs first", async ({ page, open }) => {
  await open("#example=threescale-down-closed");
  await page.locator("#pin").click();
  await expect(page.locator("#compared")).toContainText("This run is pinned");
  await page.getByLabel("FAIL_MODE").selectOption("open");
  await expect(page.locator("#compared")).toContainText("Moments that end otherwise: 1");
  await expect(page.locator(".differs")).toHaveAttribute("data-code", "admit");
  await page.getByRole("button", { name: "Back to the pinned" }).click();
  await expect(page.locator("#decision")).toContainText("Deny");
});

test("a step shows the part of the scenario it comes from", async ({ page, open }) => {
  await open("#example=mapping-rules");
  await page.locator('#steps [data-code="usage"] .place').click();
  const selected = await page
    .locator("#source")
    .evaluate((source) => source.value.slice(source.selectionStart, source.selectionEnd));
  expect(JSON.parse(selected)).toHaveLength(4);
  await expect(page.locator(".rules li")).toHaveCount(4);
});

test("the verdict leads to the chapter of its reason, and a file of its own has no links into the dark", async ({
  page,
  open,
  site,
}) => {
  await open("#example=limit-is-met");
  await expect(page.locator("#steps a")).toHaveAttribute("href", "../reasons.html#granted");
  await open("", `${site}simulator.html`);
  await expect(page.locator("#steps a")).toHaveCount(0);
});

test("inside another page only the story is shown", async ({ page, open, site }) => {
  await open("#example=limit-is-met", `${site}?embed`);
  await expect(page.locator("#pane-timeline")).toBeVisible();
  await expect(page.locator(".inputs")).toBeHidden();
  await expect(page.locator("#leave-embed")).toBeVisible();
});

test("light and dark can be chosen, and are remembered", async ({ page, open }) => {
  await open();
  await page.keyboard.press("t");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page.keyboard.press("t");
  const dark = await page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
  expect(dark).toBe("rgb(20, 22, 26)");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
