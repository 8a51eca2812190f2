// How fresh the page is, and that it says so.
import { startConsole } from "./support/processes.js";
import {
  expect,
  expectStatus,
  needsAttention,
  phaseCard,
  runNow,
  startRun,
  TONIGHT,
  test,
} from "./support/world.js";

test("a published event is on the page at once", async ({ tonight, world }) => {
  await world.publish("processing:status", "processing_started", {
    run_id: "by-hand",
    trigger_type: "manual",
  });
  await expectStatus(tonight, "running");
  await world.publish("import:progress", "import_progress", {
    run_id: "by-hand",
    completed_symbols: 1,
    total_symbols: 4,
    current_symbol: "BRK.B",
  });
  await expect(phaseCard(tonight, "Import")).toContainText("BRK.B");
  await world.publish("processing:status", "daily_processing_paused", { run_id: "by-hand" });
  await expect(tonight.locator('[data-event="daily_processing_paused"]')).toBeVisible();
});

test("hostile text is shown as text", async ({ tonight, world }) => {
  const markup = '<img src=x onerror="document.title=1"></script><script>document.title=2</script>';
  await world.publish("processing:status", "processing_started", {
    run_id: markup,
    trigger_type: markup,
    universe: markup,
  });
  await world.publish("import:progress", "import_progress", {
    run_id: markup,
    current_symbol: markup,
    completed_symbols: 1,
  });
  await world.publish("errors", "error", {
    component: markup,
    message: markup,
    error_code: markup,
  });
  await expect(needsAttention(tonight)).toContainText("<img src=x");
  await tonight.reload();
  await expect(needsAttention(tonight)).toContainText("<img src=x");
  await expect(tonight.getByTestId("stream")).toHaveAttribute("data-state", "live");
  await expect(tonight).not.toHaveTitle(/^[12]$/);
});

test.describe("with the console unavailable", () => {
  test.use({
    expectedErrors: [
      /Failed to load resource|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/,
    ],
  });

  test("the page is stale, stops its clocks, and catches up later", async ({ tonight, world }) => {
    const port = new URL(world.url).port;
    await tonight.clock.install();
    await tonight.reload();
    await tonight.locator("html[data-streaming]").waitFor();
    await world.console.stop();
    await expect(tonight.getByTestId("stream")).toHaveAttribute("data-state", "reconnecting");
    await expect(tonight.getByTestId("stream")).toHaveAttribute("data-state", "stale", {
      timeout: 30_000,
    });
    await expect(tonight.getByTestId("freshness-bar")).toContainText(/paused/i);
    // An hour later the clock still shows when the console was last heard.
    const clock = tonight.locator(".clock");
    const stopped = await clock.textContent();
    await tonight.clock.fastForward("01:00:00");
    await expect(clock).toHaveText(stopped ?? "");
    const again = await startConsole(world.redis.url, world.api, `127.0.0.1:${port}`);
    try {
      // By the button, unless the browser was quicker by itself.
      await tonight
        .getByRole("button", { name: /retry/i })
        .first()
        .click({ timeout: 3_000 })
        .catch(() => {});
      await expect(tonight.getByTestId("stream")).toHaveAttribute("data-state", "live", {
        timeout: 30_000,
      });
      await expect
        .poll(() => world.redis.publish("tickstock:monitoring", { event: "test" }))
        .toBeGreaterThan(0);
      await world.publish("processing:status", "processing_started", { run_id: "after" });
      await expectStatus(tonight, "running");
    } finally {
      await again.program.stop();
    }
  });
});

test.describe("with TickStockPL unavailable", () => {
  // A refused form is an answer that browsers write on their console.
  test.use({ expectedErrors: [/Failed to load resource/] });

  test("the page says so, and a command says that it failed", async ({ tonight, world }) => {
    await runNow(tonight).click();
    const dialog = tonight.getByRole("dialog");
    const submit = dialog.getByRole("button", { name: /^Run now/ });
    await expect(submit).toBeEnabled();
    await world.simulator.stop();
    await expect(tonight.getByTestId("link-api")).toHaveAttribute("data-state", "down", {
      timeout: 30_000,
    });
    await expect(tonight.getByTestId("link-redis")).toHaveAttribute("data-state", "up");
    await submit.click();
    await expect(dialog.getByRole("alert")).toContainText(/TickStockPL/);
    await expect(submit).toBeEnabled();
    await expectStatus(tonight, "none");
    await tonight.goto(`${world.url}${TONIGHT}/audit`);
    const outcome = tonight
      .getByRole("main")
      .getByRole("cell", { name: "unavailable", exact: true });
    await expect(outcome).toBeVisible();
  });
});

test("without JavaScript the page shows the state and its forms work", async ({
  browser,
  world,
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${world.url}${TONIGHT}`);
  await startRun(page);
  await expect(page).toHaveURL(new RegExp(TONIGHT));
  await expect
    .poll(async () => {
      await page.reload();
      return page.getByTestId("run-status").getAttribute("data-status");
    })
    .toMatch(/running|succeeded/);
  await context.close();
});
