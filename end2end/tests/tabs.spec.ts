// Many tabs of one browser: they share one stream, so none of them hangs on the six connections that plain HTTP allows.
import type { Page } from "@playwright/test";
import { eventRows, expect, expectStatus, TONIGHT, test } from "./support/world.js";

const TABS = 10;

test("ten tabs share one stream and miss nothing", async ({ context, world }) => {
  test.slow();
  const errors: string[] = [];
  const tabs: Page[] = [];
  for (let n = 0; n < TABS; n++) {
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(`${error}`));
    await page.goto(`${world.url}${TONIGHT}`);
    tabs.push(page);
  }
  const streams = async () =>
    ((await (await fetch(`${world.url}/health`)).json()) as { streams: number }).streams;
  const all = (check: (page: Page) => Promise<void>) => Promise.all(tabs.map(check));
  await all((page) => expect(page.getByTestId("stream")).toHaveAttribute("data-state", "live"));
  expect(await streams()).toBe(1);

  await world.publish("processing:status", "processing_started", { run_id: "r-1" });
  await all((page) => expectStatus(page, "running"));

  // The first tab began the stream; it goes on without it.
  await tabs.shift()?.close();
  for (let done = 1; done <= 5; done++) {
    await world.publish("import:progress", "import_progress", {
      run_id: "r-1",
      completed_symbols: done,
      total_symbols: 5,
      symbol: `S${done}`,
    });
  }
  await world.publish("processing:status", "processing_completed", {
    run_id: "r-1",
    duration_seconds: 60,
  });
  await all((page) => expectStatus(page, "succeeded"));
  const lists = await Promise.all(tabs.map((page) => eventRows(page).allTextContents()));
  for (const list of lists) expect(list).toEqual(lists[0]);
  expect(await streams()).toBe(1);
  expect(errors).toEqual([]);
});
