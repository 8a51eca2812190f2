// The page as people have it: a phone and a finger, twice the size, less motion, colours of their own.
import {
  cutTexts,
  endlessAnimations,
  expectNoSidewaysScroll,
  FORMS,
  lowControls,
  PAGES,
  visit,
} from "./support/looks.js";
import { expect, expectStatus, phaseCard, runNow, SUCCEEDED, test } from "./support/world.js";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

test.describe("on a phone", () => {
  test.use({ ...PHONE, simulator: ["--speed", "300", "--scenario", "failures"] });

  test("pages fit, text is not clipped, and controls can be tapped", async ({ tonight, world }) => {
    const run = await world.trigger();
    await expectStatus(tonight, ...SUCCEEDED);
    for (const path of [...PAGES, `/runs/${run}`, ...FORMS.map((form) => `/do/${form}`)]) {
      await visit(tonight, world, path);
      await expectNoSidewaysScroll(tonight, path);
      expect.soft(await cutTexts(tonight), path).toEqual([]);
      expect.soft(await lowControls(tonight, 24), path).toEqual([]);
    }
  });

  test("a run is started by tapping, on buttons 44 px high", async ({ tonight }) => {
    await runNow(tonight).tap();
    const dialog = tonight.getByRole("dialog");
    await expect(dialog).toBeVisible();
    await expectNoSidewaysScroll(tonight, "the dialog");
    for (const button of await dialog
      .locator("button:visible, .button:visible, select:visible, input[type=text]:visible")
      .all()) {
      expect(
        (await button.boundingBox())!.height,
        await button.evaluate((it) => it.outerHTML),
      ).toBeGreaterThanOrEqual(44);
    }
    await dialog.locator('input[name="skip_market_check"]').tap();
    await dialog.getByRole("button", { name: /^Run now/ }).tap();
    await expectStatus(tonight, "running", ...SUCCEEDED);
  });
});

test.describe("at 200 % zoom", () => {
  // What a window of 1280x900 has left.
  test.use({
    viewport: { width: 640, height: 450 },
    simulator: ["--speed", "300", "--scenario", "failures"],
  });

  test("pages fit, text is not clipped, and bars leave room to read", async ({
    tonight,
    world,
  }) => {
    const run = await world.trigger();
    await expectStatus(tonight, ...SUCCEEDED);
    for (const path of [...PAGES, `/runs/${run}`, ...FORMS.map((form) => `/do/${form}`)]) {
      await visit(tonight, world, path);
      await expectNoSidewaysScroll(tonight, path);
      expect.soft(await cutTexts(tonight), path).toEqual([]);
      const kept = await tonight.evaluate(() => {
        const fixed = [...document.querySelectorAll<HTMLElement>("body *")].filter(
          (it) =>
            /fixed|sticky/.test(getComputedStyle(it).position) &&
            it.checkVisibility() &&
            it.getBoundingClientRect().width > innerWidth / 2,
        );
        return fixed.reduce((sum, it) => sum + it.getBoundingClientRect().height, 0);
      });
      expect(kept, `pixels of 450 that bars take on ${path}`).toBeLessThan(250);
    }
  });
});

test.describe("in windows of any width", () => {
  test.use({ simulator: ["--speed", "20"], expectedErrors: [/Failed to load resource|ERR_/] });

  test("tonight's page fits while live, reconnecting and stale", async ({ tonight, world }) => {
    await world.trigger();
    await expectStatus(tonight, "running");
    const atAnyWidth = async (state: string) => {
      // From what 400 % zoom leaves of a window of 1280 pixels, to just under one.
      for (const width of [320, 360, 640, 767, 768, 900, 1024, 1199, 1200]) {
        await tonight.setViewportSize({ width, height: 800 });
        await expectNoSidewaysScroll(tonight, `${state} at ${width}`);
      }
    };
    await atAnyWidth("live");
    await world.console.stop();
    for (const state of ["reconnecting", "stale"]) {
      await expect(tonight.getByTestId("stream")).toHaveAttribute("data-state", state, {
        timeout: 30_000,
      });
      await atAnyWidth(state);
    }
  });
});

test.describe("with less motion", () => {
  test.use({ reducedMotion: "reduce", simulator: ["--speed", "20"] });

  test("nothing moves while a run is active", async ({ tonight, world }) => {
    await world.trigger();
    await expectStatus(tonight, "running");
    expect(await endlessAnimations(tonight)).toEqual([]);
    // It would be seen: without that wish something moves.
    await tonight.emulateMedia({ reducedMotion: "no-preference" });
    await expect.poll(() => endlessAnimations(tonight)).not.toEqual([]);
  });
});

test.describe("with forced colors", () => {
  test.use({ forcedColors: "active", simulator: ["--speed", "150", "--scenario", "crash"] });

  test("states have words and shapes, and bars are visible", async ({ tonight, world }) => {
    await world.trigger();
    await expectStatus(tonight, "running");
    await expect(tonight.getByTestId("run-status")).toContainText(/running/i);
    await expectStatus(tonight, "failed");
    await expect(tonight.getByTestId("run-status")).toContainText(/failed/i);
    await expect(phaseCard(tonight, "Import")).toContainText(/done/i);
    await expect(phaseCard(tonight, "Indicators")).toContainText(/failed/i);
    // Parts that are drawn and would be lost if they had the colour of the page.
    const lost = await tonight.evaluate(() => {
      const page = getComputedStyle(document.body).backgroundColor;
      const shapes = [
        ...document.querySelectorAll<SVGElement>(
          "main svg :is(rect, path, circle):not(.cut):not(.faint)",
        ),
      ];
      const visible = shapes.filter(
        (shape) => shape.checkVisibility() && shape.getBoundingClientRect().width > 0,
      );
      const seen = (shape: SVGElement) => {
        const { fill, stroke } = getComputedStyle(shape);
        return [fill, stroke].some(
          (colour) => colour !== "none" && colour !== page && !/^rgba\(.*, 0\)$/.test(colour),
        );
      };
      return visible
        .filter((shape) => !seen(shape))
        .map((shape) => shape.parentElement!.outerHTML.slice(0, 160));
    });
    expect(lost).toEqual([]);
    for (const link of ["link-redis", "link-api", "link-database"]) {
      await expect(tonight.getByTestId(link)).toHaveAttribute("data-state", "up");
      await expect(tonight.getByTestId(link).locator("svg").first()).toBeVisible();
    }
  });
});
