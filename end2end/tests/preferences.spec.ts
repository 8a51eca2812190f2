// What a browser keeps: zone, density, theme; and what it keeps for when the console is away.
import { startConsole } from "./support/processes.js";
import { expect, expectStatus, TONIGHT, test, toast } from "./support/world.js";

test.describe("in a browser in Tokyo", () => {
  test.use({ timezoneId: "Asia/Tokyo" });

  test("times are in the chosen zone from the first byte", async ({ tonight, world }) => {
    await expect(tonight.locator(".clock")).toContainText(/E[SD]T/);
    await tonight.goto(`${world.url}${TONIGHT}/settings`);
    await tonight
      .getByRole("combobox", { name: "Time zone" })
      .selectOption({ label: "Your time (Asia/Tokyo)" });
    const form = tonight.getByRole("form", { name: "Preferences" });
    await form.getByRole("combobox", { name: "Density" }).selectOption("compact");
    const saved = tonight.waitForEvent("load");
    await tonight.getByRole("button", { name: "Save" }).click();
    await saved;
    await expect(tonight.locator(".clock")).toContainText("JST");
    await expect(tonight.locator("html")).toHaveAttribute("data-density", "compact");
    await expect(tonight.getByRole("combobox", { name: "Time zone" })).toHaveValue("Asia/Tokyo");
    const html = await (await tonight.request.get(`${world.url}${TONIGHT}`)).text();
    expect(html).toContain("JST");
    expect(html).toContain('data-density="compact"');
  });
});

test("preferences are saved without JavaScript", async ({ browser, world }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${world.url}${TONIGHT}/settings`);
  await page.getByRole("combobox", { name: "Time zone" }).selectOption("UTC");
  await page.locator("#preferences").getByRole("combobox", { name: "Theme" }).selectOption("dark");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page).toHaveURL(new RegExp(`${TONIGHT}/settings$`));
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.locator(".clock")).toContainText("UTC");
  await context.close();
});

test.describe("with the console unavailable", () => {
  test.use({ expectedErrors: [/Failed to load resource|net::|EventSource/] });

  test("the last known state opens as stale, and goes live again", async ({ tonight, world }) => {
    // The service worker has the page once it controls it.
    await tonight.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await world.publish("processing:status", "processing_started", { run_id: "kept-run" });
    await expectStatus(tonight, "running");
    const kept = () =>
      tonight.evaluate(
        async () =>
          (await (await caches.match("/admin/daily-processing"))?.text())?.includes("kept-run") ??
          false,
      );
    await expect.poll(kept).toBe(true);
    await world.console.stop();
    await tonight.goto(`${world.url}${TONIGHT}`);
    await expect(tonight.getByTestId("stream")).toHaveAttribute("data-state", "stale");
    await expect(tonight.getByTestId("freshness-bar")).toContainText("Showing data from");
    await expect(tonight.getByTestId("run-status")).toHaveAttribute("data-status", "running");
    await tonight.goto(`${world.url}${TONIGHT}/errors`);
    await expect(tonight).toHaveURL(`${world.url}${TONIGHT}`);
    const address = new URL(world.url).host;
    const again = await startConsole(world.redis.url, world.api, address);
    try {
      await expect(tonight.getByTestId("stream")).toHaveAttribute("data-state", "live", {
        timeout: 30_000,
      });
    } finally {
      await again.program.stop();
    }
  });
});

test("every page says by icon and toast that a run has ended", async ({ tonight, world }) => {
  await tonight.goto(`${world.url}${TONIGHT}/runs`);
  await expect(tonight.getByTestId("stream")).toHaveAttribute("data-state", "live");
  await world.publish("processing:status", "processing_started", { run_id: "r-1" });
  await expect(tonight.locator("link[rel=icon]")).toHaveAttribute("href", "/state-running.svg");
  await world.publish("processing:status", "processing_failed", {
    run_id: "r-1",
    error_message: "The database is away.",
  });
  await expect(tonight.locator("link[rel=icon]")).toHaveAttribute("href", "/state-bad.svg");
  await expect(toast(tonight, "The database is away.")).toBeVisible();
});

test("the console has what makes it installable", async ({ page, world }) => {
  await page.goto(`${world.url}${TONIGHT}`);
  const address = await page.locator("link[rel=manifest]").getAttribute("href");
  const manifest = (await (await page.request.get(`${world.url}${address}`)).json()) as {
    icons: { src: string }[];
    start_url: string;
  };
  expect(manifest.start_url).toBe(TONIGHT);
  for (const { src } of manifest.icons)
    expect((await page.request.get(`${world.url}${src}`)).status(), src).toBe(200);
  expect((await page.request.get(`${world.url}/sw.js`)).headers()["cache-control"]).toBe(
    "no-cache",
  );
});
