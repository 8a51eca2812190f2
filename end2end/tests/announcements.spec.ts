// What screen readers announce.
import type { Page } from "@playwright/test";
import { expect, expectStatus, phaseCard, test } from "./support/world.js";

interface Announcement {
  role: string;
  text: string;
}

/** Everything that live regions get from now on, in order. */
async function listen(page: Page): Promise<() => Promise<Announcement[]>> {
  await page.evaluate(() => {
    const announced: Announcement[] = [];
    Object.assign(window, { announced });
    const seen = new Map<Element, string>();
    const look = () => {
      for (const region of document.querySelectorAll("[role=status], [role=alert]")) {
        const text = region.textContent!.trim();
        if (text && text !== seen.get(region))
          announced.push({ role: region.getAttribute("role")!, text });
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
  return () => page.evaluate(() => (window as unknown as { announced: Announcement[] }).announced);
}

test("phases are announced every 10 s at most, a failure at once", async ({ tonight, world }) => {
  await tonight.clock.install();
  await tonight.reload();
  await tonight.locator("html[data-streaming]").waitFor();
  const announced = await listen(tonight);
  const texts = async (role: string) =>
    (await announced()).filter((one) => one.role === role).map(({ text }) => text);
  await world.publish("processing:status", "processing_started", {
    run_id: "r-1",
    trigger_type: "manual",
  });
  await expect.poll(() => texts("status")).toEqual(["Run started."]);

  // From here on the page's time stands still but for these steps. The second leaves room for a
  // busy machine: time cannot be paused in the past.
  await tonight.clock.pauseAt(await tonight.evaluate(() => Date.now() + 1000));
  const step = async (ms: number, settled: () => Promise<unknown>) => {
    await expect(async () => {
      await tonight.clock.runFor(ms);
      ms = 50;
      expect(await settled()).toBeTruthy();
    }).toPass();
  };
  const shows = (name: string, status: string) => async () =>
    (await phaseCard(tonight, name).getAttribute("data-status")) === status;
  await world.publish("import:started", "import_started", { run_id: "r-1", total_symbols: 4 });
  await step(50, shows("Import", "running"));
  await world.publish("import:completed", "import_completed", { run_id: "r-1" });
  await world.publish("cache:started", "cache_sync_started", { run_id: "r-1" });
  await step(50, shows("Cache sync", "running"));
  expect(await texts("status")).toHaveLength(1);
  await tonight.clock.runFor(10_000);
  await expect.poll(() => texts("status")).toEqual(["Run started.", "Cache sync phase started."]);

  expect(await texts("alert")).toEqual([]);
  await world.publish("processing:status", "processing_failed", {
    run_id: "r-1",
    error_message: "The disk is full",
  });
  await step(50, async () => (await texts("alert")).length === 1);
  expect((await texts("alert"))[0]).toMatch(/failed.*The disk is full/i);
  await tonight.clock.runFor(20_000);
  expect(await texts("alert")).toHaveLength(1);
});

test("nothing is announced of what was there before the page", async ({ tonight, world }) => {
  await world.publish("processing:status", "processing_started", {
    run_id: "before",
    trigger_type: "manual",
  });
  await expectStatus(tonight, "running");
  await tonight.reload();
  const announcements = await listen(tonight);
  await world.publish("import:progress", "import_progress", {
    run_id: "before",
    completed_symbols: 1,
    total_symbols: 4,
    current_symbol: "BRK.B",
  });
  await expect(phaseCard(tonight, "Import")).toContainText("BRK.B");
  const texts = (await announcements()).map(({ text }) => text).join(" ");
  expect(texts).not.toMatch(/run started|BRK\.B/i);
});
