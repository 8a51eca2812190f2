// That the page can be used by everybody: axe, a phone's width, both themes.
import { expectAccessible } from "./support/looks.js";
import { expect, expectStatus, SUCCEEDED, startRun, test } from "./support/world.js";

test.describe("at a desk", () => {
  // Colours that are still on their way would be measured wrongly.
  test.use({ reducedMotion: "reduce", simulator: ["--speed", "300", "--scenario", "failures"] });

  test("axe finds nothing, idle, running and ended", async ({ tonight, world }) => {
    test.slow();
    await expectAccessible(tonight, "idle");
    await world.trigger();
    await expectStatus(tonight, "running");
    await expectAccessible(tonight, "running");
    await expectStatus(tonight, ...SUCCEEDED);
    await expectAccessible(tonight, "ended");
  });
});

test.describe("on a phone", () => {
  test.use({
    reducedMotion: "reduce",
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });

  test("nothing scrolls sideways, and a run can be started", async ({ tonight }) => {
    const overflow = () =>
      tonight.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
    expect(await overflow()).toBe(0);
    await startRun(tonight);
    await expectStatus(tonight, "running", ...SUCCEEDED);
    expect(await overflow()).toBe(0);
    await expectStatus(tonight, ...SUCCEEDED);
    expect(await overflow()).toBe(0);
    await expectAccessible(tonight, "a phone");
  });
});

test("an unknown address says so and links to the start", async ({ page, world }) => {
  const answer = await page.goto(`${world.url}/admin/nothing-here`);
  expect(answer?.status()).toBe(404);
  await page
    .getByRole("link", { name: /tonight|daily processing/i })
    .first()
    .click();
  await expect(page.getByTestId("run-status")).toBeVisible();
});
