// Without JavaScript: every page is there, follows by reloading, and every form does what it says.
import { FORMS, PAGES } from "./support/looks.js";
import { expect, runNow, SUCCEEDED, TONIGHT, test } from "./support/world.js";

test.use({ javaScriptEnabled: false, simulator: ["--speed", "20"] });

const status = /^(none|running|succeeded|succeeded_with_warnings|cancelling|cancelled|failed)$/;

test("every page and every form is rendered with its state", async ({ page, world }) => {
  const run = await world.trigger();
  for (const path of [...PAGES, `/runs/${run}`, ...FORMS.map((form) => `/do/${form}`)]) {
    const answer = await page.goto(`${world.url}${TONIGHT}${path}`);
    expect(answer?.status(), path).toBe(200);
    await expect(page.getByRole("main").getByRole("heading").first(), path).toBeVisible();
    // Nothing is offered that needs JavaScript.
    await expect(page.locator(".needs-script:visible"), path).toHaveCount(0);
  }
  await page.goto(`${world.url}${TONIGHT}`);
  await expect(page.getByTestId("run-status")).toHaveAttribute("data-status", "running");
});

test("a run is started, followed, and cancelled", async ({ page, world }) => {
  await page.goto(`${world.url}${TONIGHT}`);
  await expect(page.getByTestId("run-status")).toHaveAttribute("data-status", status);
  await runNow(page).click();
  await page
    .getByRole("main")
    .getByRole("button", { name: /^Run now/ })
    .click();
  await expect(page).toHaveURL(`${world.url}${TONIGHT}`);
  const reach = (wanted: string | RegExp) =>
    expect
      .poll(async () => {
        await page.goto(`${world.url}${TONIGHT}`);
        return page.getByTestId("run-status").getAttribute("data-status");
      })
      .toMatch(wanted);
  await reach("running");
  await page.locator("details.confirm > summary").click();
  await page.locator('details.confirm input[name="reason"]').fill("Without a script");
  await page
    .locator("details.confirm")
    .getByRole("button", { name: "Cancel run", exact: true })
    .click();
  await reach("cancelled");
  await page.goto(`${world.url}${TONIGHT}/audit`);
  await expect(page.getByRole("main").getByRole("table")).toContainText("Cancel");
});

test("the forms of the actions and of the schedule work", async ({ page, world }) => {
  await page.goto(`${world.url}${TONIGHT}/schedule`);
  await page.locator('input[name="trigger_time"]').fill("18:45");
  await page.getByRole("button", { name: "Save" }).click();
  await page.goto(`${world.url}${TONIGHT}/schedule`);
  await expect(page.getByTestId("schedule")).toContainText("18:45");
  await page.goto(`${world.url}${TONIGHT}/do/indicators`);
  await page.locator('input[name="symbols"]').fill("AAPL, BRK.B");
  await page
    .getByRole("main")
    .getByRole("button", { name: /^Calculate/ })
    .click();
  await expect
    .poll(async () => {
      await page.goto(`${world.url}${TONIGHT}/audit`);
      return page.getByRole("main").getByRole("table").textContent();
    })
    .toMatch(/indicators/i);
});

test.describe("of a run with failures", () => {
  test.use({ simulator: ["--speed", "300", "--scenario", "failures"] });

  test("an error is acknowledged, and failed symbols are retried", async ({ page, world }) => {
    const run = await world.trigger();
    await expect
      .poll(async () => {
        await page.goto(`${world.url}${TONIGHT}`);
        return page.getByTestId("run-status").getAttribute("data-status");
      })
      .toMatch(new RegExp(SUCCEEDED.join("|")));
    await page
      .getByRole("button", { name: /^Acknowledge/ })
      .first()
      .click();
    await page.goto(`${world.url}${TONIGHT}/runs/${run}`);
    await expect(page.getByRole("main")).toContainText(/acknowledged by/i);
    await page.getByTestId("failed-symbols").getByRole("button").last().click();
    await page.goto(`${world.url}${TONIGHT}/audit`);
    await expect(page.getByRole("main").getByRole("table")).toContainText(/retry/i);
  });
});
