// The pages beside tonight's: made by the server, the same with JavaScript and without it.
import { expectAccessible, expectNoSidewaysScroll } from "./support/looks.js";
import { expect, expectStatus, SUCCEEDED, TONIGHT, test, toast } from "./support/world.js";

const PAGES = ["runs", "schedule", "errors", "audit", "settings"];

for (const [size, viewport] of [
  ["desk", { width: 1280, height: 900 }],
  ["phone", { width: 390, height: 844 }],
] as const) {
  test.describe(`at ${size} size`, () => {
    test.use({
      viewport,
      reducedMotion: "reduce",
      simulator: ["--speed", "300", "--scenario", "crash"],
    });

    test("every page is accessible and fits", async ({ tonight, world }) => {
      // Eight pages, each looked through by axe.
      test.slow();
      const run = await world.trigger();
      await expectStatus(tonight, "failed");
      for (const path of [...PAGES, `runs/${run}`, "do/run", "do/import"]) {
        await tonight.goto(`${world.url}${TONIGHT}/${path}`);
        await expect(tonight.getByTestId("stream")).toHaveAttribute("data-state", "live");
        await expectAccessible(tonight, path);
        await expectNoSidewaysScroll(tonight, path);
      }
    });
  });
}

test("links change the page without reloading the document", async ({ tonight }) => {
  await tonight.evaluate(() => Object.assign(window, { kept: true }));
  for (const [link, title] of [
    ["Runs", "Runs"],
    ["Errors", "Errors"],
    ["Tonight", ""],
    ["Schedule", "Schedule"],
  ] as const) {
    await tonight
      .getByRole("navigation", { name: "Pages" })
      .getByRole("link", { name: link })
      .click();
    if (title)
      await expect(
        tonight.getByRole("heading", { name: title, level: 2, exact: true }),
      ).toBeVisible();
    else await expect(tonight.getByTestId("run-status")).toBeVisible();
  }
  expect(await tonight.evaluate(() => "kept" in window)).toBe(true);
  await tonight.goBack();
  await expect(tonight.getByTestId("run-status")).toBeVisible();
});

test.describe("of a run that failed", () => {
  test.use({ simulator: ["--speed", "150", "--scenario", "crash"] });

  test("the page names the failed phase, and reruns from there", async ({ tonight, world }) => {
    const run = await world.trigger();
    await expectStatus(tonight, "failed");
    await tonight.goto(`${world.url}${TONIGHT}/runs`);
    await tonight.getByRole("main").getByRole("table").locator(`a[href$="${run}"]`).click();
    await expect(tonight.getByRole("region", { name: /Failed in indicators/ })).toBeVisible();
    await expect(tonight.getByTestId("timeline")).toContainText("Indicators");
    await tonight.getByRole("link", { name: "Run again from indicators" }).click();
    const dialog = tonight.getByRole("dialog");
    await expect(dialog.getByLabel("Indicators")).toBeChecked();
    await expect(dialog.getByLabel("Import")).not.toBeChecked();
    await dialog.getByRole("button", { name: /^Run now/ }).click();
    await expect(dialog).toBeHidden();
    await expect(toast(tonight, "Run started")).toBeVisible();
  });
});

test("filters are in the address, and say when nothing matches", async ({ tonight, world }) => {
  await world.trigger();
  await expectStatus(tonight, ...SUCCEEDED);
  await tonight.goto(`${world.url}${TONIGHT}/runs`);
  await tonight.getByLabel("Status").selectOption("lost");
  await tonight.getByRole("button", { name: "Apply filters" }).click();
  await expect(tonight).toHaveURL(/status=lost/);
  await expect(tonight.getByTestId("fragment")).toContainText("No results match");
  await expect(tonight.getByLabel("Status")).toHaveValue("lost");
});

test("without JavaScript an invalid form keeps its values", async ({ browser, world }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  for (const path of PAGES) {
    expect((await page.goto(`${world.url}${TONIGHT}/${path}`))?.status()).toBe(200);
    await expect(
      page.getByTestId("fragment").getByRole("heading", { level: 2 }).first(),
    ).toBeVisible();
  }
  expect((await page.goto(`${world.url}${TONIGHT}/no-such-page`))?.status()).toBe(404);
  await page.goto(`${world.url}${TONIGHT}/do/import`);
  await page.getByLabel("Universes").fill("sp500");
  await page.getByLabel("Lookback days").fill("99999");
  await page
    .getByRole("main")
    .getByRole("button", { name: /^Import/ })
    .click();
  await expect(page.getByRole("alert").first()).toContainText(/look|days/i);
  await expect(page.getByLabel("Universes")).toHaveValue("sp500");
  await expect(page.getByLabel("Lookback days")).toHaveAttribute("aria-invalid", "true");
  await context.close();
});
