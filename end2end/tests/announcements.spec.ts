// What is read aloud: a run's steps at most once in ten seconds, a failure at once and as an alert.
import type { Page } from "@playwright/test";
import { expect, expectStatus, test } from "./support/world.js";

interface Said {
  role: string;
  text: string;
  at: number;
}

/** Everything that live regions get from now on, in order. */
async function listen(page: Page): Promise<() => Promise<Said[]>> {
  await page.evaluate(() => {
    const said: Said[] = [];
    Object.assign(window, { said });
    const seen = new Map<Element, string>();
    const look = () => {
      for (const region of document.querySelectorAll("[role=status], [role=alert]")) {
        const text = region.textContent!.trim();
        if (text && text !== seen.get(region))
          said.push({ role: region.getAttribute("role")!, text, at: performance.now() });
        seen.set(region, text);
      }
    };
    for (const region of document.querySelectorAll("[role=status], [role=alert]"))
      seen.set(region, region.textContent!.trim());
    new MutationObserver(look).observe(document.body, {
      childList: true,
      subtree: true,
      characterData: true,
    });
  });
  return () => page.evaluate(() => (window as unknown as { said: Said[] }).said);
}

test.describe("of a run that fails", () => {
  test.use({ simulator: ["--speed", "60", "--scenario", "crash"] });

  test("steps are said politely, at most one in ten seconds, and the failure once as an alert", async ({
    tonight,
    world,
  }) => {
    const heard = await listen(tonight);
    await world.trigger();
    await expectStatus(tonight, "failed");
    const alerts = async () => (await heard()).filter(({ role }) => role === "alert");
    await expect.poll(alerts).toHaveLength(1);
    expect((await alerts())[0]!.text).toMatch(/failed/i);
    const polite = (await heard()).filter(({ role }) => role === "status");
    expect(polite.map(({ text }) => text).join(" ")).toMatch(/active|started|begun/i);
    expect(polite.length).toBeGreaterThan(1);
    const gaps = polite.slice(1).map(({ at }, index) => at - polite[index]!.at);
    // Less a little, for what the timer's clock and this one differ.
    for (const gap of gaps) expect(gap, JSON.stringify(polite)).toBeGreaterThanOrEqual(9_900);
  });
});

test("nothing is said of what was there when the page was opened", async ({ tonight, world }) => {
  await world.publish("processing:status", "processing_started", {
    run_id: "before",
    trigger_type: "manual",
  });
  await expectStatus(tonight, "running");
  await tonight.reload();
  const heard = await listen(tonight);
  await world.publish("import:progress", "import_progress", {
    run_id: "before",
    completed_symbols: 1,
    total_symbols: 4,
    current_symbol: "BRK.B",
  });
  await expect(tonight.getByTestId("phase-import")).toContainText("BRK.B");
  const texts = (await heard()).map(({ text }) => text).join(" ");
  expect(texts).not.toMatch(/started|BRK\.B/);
});
