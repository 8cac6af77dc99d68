import { evaluate } from "../support/native";
import { mutants, noise, scenarios } from "../support/scenarios";
import { expect, test } from "../support/site";

/** Evaluates texts with the page's engine; what traps is `trap`. */
async function evaluateInBrowser(page, texts) {
  return page.evaluate(async (all) => {
    const { initSync, evaluate: one } = await import("./glue.js");
    initSync({ module: await WebAssembly.compileStreaming(fetch("./glue_bg.wasm")) });
    return all.map((text) => {
      try {
        return one(text);
      } catch {
        return "trap";
      }
    });
  }, texts);
}

test("every example gives the same bytes in a browser as on this machine", async ({ page, open }) => {
  await open();
  const texts = scenarios.map(({ text }) => text);
  expect(texts.length).toBeGreaterThanOrEqual(15);
  expect(await evaluateInBrowser(page, texts)).toEqual(evaluate(texts));
});

test("texts that are nearly scenarios, and noise, give the same bytes, and nothing traps", async ({ page, open }) => {
  await open();
  const texts = [...mutants(1600), ...noise(400), "", "[".repeat(10_000), JSON.stringify("x".repeat(100_000))];
  const results = await evaluateInBrowser(page, texts);
  const expected = evaluate(texts);
  const different = texts.filter((_, index) => results[index] !== expected[index]);
  expect(different).toEqual([]);
  const fine = results.filter((result) => JSON.parse(result).ok).length;
  expect(fine, "some of the mutants still make sense").toBeGreaterThan(100);
  expect(fine, "and some do not").toBeLessThan(1500);
});

test("every kind of step and every outcome that comes up has words", async ({ page, open }) => {
  await open();
  const moments = evaluate(scenarios.map(({ text }) => text)).flatMap((result) => JSON.parse(result).moments);
  const words = await page.evaluate(() =>
    import("./words.js").then(({ STEPS, REASONS, CACHES }) => [STEPS, REASONS, CACHES].map(Object.keys)),
  );
  const reached = [
    moments.flatMap(({ steps }) => steps.map(({ code }) => code)),
    ...[1, 2].map((part) =>
      moments.flatMap(({ outcome }) => /(?:allow|deny) (\w+) (\w+)$/.exec(outcome)?.[part] ?? []),
    ),
  ];
  reached.forEach((codes, index) => expect(words[index]).toEqual(expect.arrayContaining([...new Set(codes)])));
});
