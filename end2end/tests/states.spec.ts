// axe on every page in the states that are not a run's own: running, empty, stale, with neighbours away, with a form or a panel open.
import { expectAccessible, expectNoSidewaysScroll, FORMS, PAGES, visit } from "./support/looks.js";
import { expect, expectStatus, runNow, test } from "./support/world.js";

const AWAY = [
  /Failed to load resource|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/,
];

test.describe("axe finds nothing", () => {
  // Colours that are still on their way would be measured wrongly.
  test.use({
    reducedMotion: "reduce",
    simulator: ["--speed", "8", "--scenario", "failures"],
    expectedErrors: AWAY,
  });
  test.slow();

  test("on any page while a run is active, and in any panel", async ({ tonight, world }) => {
    const run = await world.trigger();
    await expectStatus(tonight, "running");
    const panels = tonight.locator("details > summary:visible");
    for (let index = 0; index < (await panels.count()); index++) {
      await panels.nth(index).click();
      await expectAccessible(tonight, `panel ${index}`, "details[open]");
      await tonight.keyboard.press("Escape");
    }
    for (const path of [...PAGES, `/runs/${run}`]) {
      await visit(tonight, world, path);
      await expectAccessible(tonight, `${path} while running`);
    }
  });

  test("in every form, as a dialog and as a page", async ({ tonight, world }) => {
    for (const form of FORMS) {
      const opener =
        form === "run" ? runNow(tonight) : tonight.locator(`a[href$="/do/${form}"]`).first();
      await opener.click();
      await expect(tonight.getByRole("dialog")).toBeVisible();
      await expectAccessible(tonight, `the dialog of ${form}`, "dialog");
      await tonight.keyboard.press("Escape");
      await expect(tonight.getByRole("dialog")).toBeHidden();
    }
    await world.trigger();
    await expectStatus(tonight, "running");
    for (const form of FORMS) {
      await visit(tonight, world, `/do/${form}`);
      await expectAccessible(tonight, `the page of ${form} while running`);
    }
  });

  test("without data, TickStockPL, Redis or a fresh stream", async ({ tonight, world }) => {
    await world.simulator.stop();
    await expect(tonight.getByTestId("link-api")).toHaveAttribute("data-state", "down", {
      timeout: 30_000,
    });
    for (const path of [...PAGES, "/runs?status=lost"]) {
      await visit(tonight, world, path);
      await expectAccessible(tonight, `${path} without TickStockPL`);
      await expectNoSidewaysScroll(tonight, path);
    }
    await visit(tonight, world, "");
    await world.redis.restart(async () => {
      await expect(tonight.getByTestId("link-redis")).toHaveAttribute("data-state", "down", {
        timeout: 30_000,
      });
      await expectAccessible(tonight, "without both");
    });
    await world.console.stop();
    await expect(tonight.getByTestId("stream")).toHaveAttribute("data-state", "stale", {
      timeout: 30_000,
    });
    await expectAccessible(tonight, "stale");
  });
});
