// That the page can be used by everybody: axe, a phone's width, both themes.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, expectStatus, startRun, SUCCEEDED, test } from "./support/world.js";

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme, simulator: ["--speed", "300", "--scenario", "failures"] });

    test("axe finds nothing, idle, running and ended", async ({ tonight, world }) => {
      await expectAccessible(tonight);
      await world.trigger();
      await expectStatus(tonight, "running");
      await expectAccessible(tonight);
      await expectStatus(tonight, ...SUCCEEDED);
      await expectAccessible(tonight);
    });
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("nothing scrolls sideways, and a run can be started", async ({ tonight }) => {
    const overflow = () => tonight.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBe(0);
    await startRun(tonight);
    await expectStatus(tonight, "running", ...SUCCEEDED);
    expect(await overflow()).toBe(0);
    await expectStatus(tonight, ...SUCCEEDED);
    expect(await overflow()).toBe(0);
    await expectAccessible(tonight);
  });
});

test("an address without a page says so and leads back", async ({ page, world }) => {
  const answer = await page.goto(`${world.url}/admin/nothing-here`);
  expect(answer?.status()).toBe(404);
  await page.getByRole("link", { name: /tonight|daily processing/i }).first().click();
  await expect(page.getByTestId("run-status")).toBeVisible();
});
