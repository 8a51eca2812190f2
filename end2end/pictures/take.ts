// Takes the pictures of every page, in both themes and at both sizes, from the simulator's fixed seed. `make pictures` runs it.
// With PICTURES_FULL=<folder> it puts pictures of the whole length of each page there instead, to look at.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import sharp from "sharp";
import { expect, expectStatus, SUCCEEDED, TONIGHT, test } from "../tests/support/world.js";

const SIZES = {
  desk: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};
/** Ids are in the pictures: the next ones have the same. */
const FIXED = ["--run-ids", "deterministic"];
const FULL = process.env.PICTURES_FULL;
const FOLDER = FULL ?? import.meta.dirname;

/** One page for each look: size and theme. */
async function open(browser: Browser, url: string): Promise<Map<string, Page>> {
  const pages = new Map<string, Page>();
  for (const [size, options] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({
        ...options,
        colorScheme,
        reducedMotion: "reduce",
      });
      const page = await context.newPage();
      await page.goto(`${url}${TONIGHT}`);
      await expect(page.getByTestId("stream")).toHaveAttribute("data-state", "live");
      pages.set(`${size}-${colorScheme}`, page);
    }
  }
  return pages;
}

/** Saves what each page shows, with few colours, which is all that such pages have. */
async function take(pages: Map<string, Page>, name: string): Promise<void> {
  const shots: [string, Buffer][] = [];
  // A page that has just been opened may still wait for the first sign of life.
  for (const page of pages.values())
    await expect(page.getByTestId("stream")).toHaveAttribute("data-state", "live");
  for (const [look, page] of pages) shots.push([look, await page.screenshot({ fullPage: !!FULL })]);
  for (const [look, shot] of shots) {
    await sharp(shot)
      .png({ palette: true, colours: 96, effort: 10, compressionLevel: 9 })
      .toFile(join(FOLDER, `${name}-${look}.png`));
  }
}

async function takeAt(
  pages: Map<string, Page>,
  url: string,
  path: string,
  name: string,
): Promise<void> {
  for (const page of pages.values()) {
    await page.goto(`${url}${TONIGHT}${path}`);
    await expect(page.getByTestId("stream")).toHaveAttribute("data-state", "live");
  }
  await take(pages, name);
}

mkdirSync(FOLDER, { recursive: true });

test.describe("of a night with failures", () => {
  test.use({ simulator: [...FIXED, "--speed", "60", "--scenario", "failures"] });

  test("idle, running, and every other page", async ({ browser, world }) => {
    const pages = await open(browser, world.url);
    const [first] = pages.values();
    await first!.waitForTimeout(16_000);
    await take(pages, "tonight-idle");
    const run = await world.trigger();
    await expect(first!.getByTestId("phase-indicators")).toHaveAttribute("data-status", "running", {
      timeout: 120_000,
    });
    await expect
      .poll(
        async () =>
          Number(await first!.getByTestId("overall-progress").getAttribute("aria-valuenow")),
        { timeout: 60_000 },
      )
      .toBeGreaterThan(55);
    await take(pages, "tonight-running");
    await expectStatus(first!, ...SUCCEEDED);
    const form = [...pages.values()].map(async (page) => {
      await page.getByRole("link", { name: "Import…" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
    });
    await Promise.all(form);
    await take(pages, "form");
    const answer = await fetch(`${world.url}/api/processing/daily/history?limit=5`);
    const { history } = (await answer.json()) as { history: { run_id: string }[] };
    const other = history.map(({ run_id }) => run_id).find((id) => id !== run);
    await takeAt(pages, world.url, "/runs", "runs");
    await takeAt(pages, world.url, `/runs/${run}`, "run");
    await takeAt(pages, world.url, `/runs/${run}?with=${other}#compare`, "compare");
    await takeAt(pages, world.url, "/schedule", "schedule");
    await takeAt(pages, world.url, "/errors", "errors");
    await takeAt(pages, world.url, "/audit", "audit");
    await takeAt(pages, world.url, "/settings", "settings");
  });
});

test.describe("of a night that failed", () => {
  test.use({ simulator: [...FIXED, "--speed", "150", "--scenario", "crash"] });

  test("tonight, failed", async ({ browser, world }) => {
    const pages = await open(browser, world.url);
    await world.trigger();
    for (const page of pages.values()) await expectStatus(page, "failed");
    await take(pages, "tonight-failed");
  });
});
