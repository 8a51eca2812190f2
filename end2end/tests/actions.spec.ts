// Actions in their dialog, acknowledging, and the schedule.
import { AxeBuilder } from "@axe-core/playwright";
import {
  expect,
  expectStatus,
  needsAttention,
  runNow,
  TONIGHT,
  test,
  toast,
} from "./support/world.js";

// A refused form is an answer that browsers write on their console.
test.use({ expectedErrors: [/Failed to load resource/] });

test("an invalid field is marked, and the form keeps its values", async ({ tonight }) => {
  await tonight.getByRole("link", { name: "Import…" }).click();
  const dialog = tonight.getByRole("dialog");
  await expect(dialog.getByText("Trading day")).toBeVisible();
  await dialog.getByLabel("Universes").fill("sp500");
  await dialog.getByLabel("Lookback days").fill("0");
  const { violations } = await new AxeBuilder({ page: tonight }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await dialog.getByRole("button", { name: /^Import/ }).click();
  await expect(dialog.getByLabel("Lookback days")).toHaveAttribute("aria-invalid", "true");
  await expect(dialog.getByRole("alert")).not.toBeEmpty();
  await expect(dialog.getByLabel("Universes")).toHaveValue("sp500");
  await tonight.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(tonight.getByRole("link", { name: "Import…" })).toBeFocused();
});

test.describe("during a slow run", () => {
  test.use({ simulator: ["--speed", "20"] });

  test("another run is disabled and says why", async ({ tonight, world }) => {
    await world.trigger();
    await expectStatus(tonight, "running");
    await expect(runNow(tonight)).toBeDisabled();
    await expect(tonight.locator("#actions-reason")).toContainText("A run is active");
    // The key opens the dialog all the same.
    await tonight.keyboard.press("t");
    const dialog = tonight.getByRole("dialog");
    await expect(dialog).toContainText("A run is active");
    await expect(dialog.getByRole("button", { name: /^Run now/ })).toBeDisabled();
  });
});

test("an acknowledged error says by whom and what came since", async ({ tonight, world }) => {
  const report = () =>
    world.publish("errors", "error", {
      component: "import",
      error_code: "E1",
      message: "One thing",
      severity: "error",
    });
  await report();
  await tonight.getByRole("button", { name: /^Acknowledge/ }).click();
  await expect(needsAttention(tonight)).toContainText("Acknowledged by");
  await expect(tonight.getByRole("button", { name: /^Acknowledge/ })).toHaveCount(0);
  await tonight.mouse.move(0, 0);
  await tonight
    .locator("h1")
    .evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await report();
  await expect(needsAttention(tonight)).toContainText("1 more since");
});

test("the schedule is previewed and changed", async ({ tonight, world }) => {
  await tonight.goto(`${world.url}${TONIGHT}/schedule`);
  await expect(tonight.getByTestId("schedule")).toContainText("16:10");
  await tonight.getByLabel(/^Start time/).fill("17:20");
  await tonight.getByRole("button", { name: "Preview" }).click();
  await expect(tonight).toHaveURL(/trigger_time=17%3A20/);
  await expect(tonight.getByTestId("preview")).toContainText("17:20");
  await tonight.getByRole("button", { name: "Save" }).click();
  await expect(toast(tonight, "Schedule saved")).toBeVisible();
  await expect(tonight.getByTestId("schedule")).toContainText("17:20");
});

test("a schedule that was changed elsewhere is not overwritten", async ({ tonight, world }) => {
  await tonight.goto(`${world.url}${TONIGHT}/schedule`);
  await expect(tonight.getByTestId("schedule")).toContainText("16:10");
  await tonight.getByLabel(/^Start time/).fill("18:30");
  const answer = await fetch(`${world.api}/api/processing/schedule`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ trigger_time: "19:45" }),
  });
  expect(answer.ok).toBe(true);
  await tonight.getByRole("button", { name: "Save" }).click();
  await expect(
    tonight.getByRole("alert").filter({ hasText: "has changed since you opened it" }),
  ).toBeVisible();
  await expect(tonight.getByLabel(/^Start time/)).toHaveValue("18:30");
});
