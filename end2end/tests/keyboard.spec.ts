// Everything by keys alone: to start, to cancel, to change the schedule. The mouse is never used here.
import { expect as check, type Locator, type Page } from "@playwright/test";
import {
  expect,
  expectStatus,
  needsAttention,
  runNow,
  SUCCEEDED,
  test,
  toast,
} from "./support/world.js";

/** Goes on with Tab until the control has the focus; each stop on the way has to be seen. */
async function tabTo(page: Page, control: Locator, key = "Tab"): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press(key);
    const stop = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const style = getComputedStyle(element);
      const { width, height } = element.getBoundingClientRect();
      const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      return {
        seen: element === document.body || (width > 0 && height > 0 && ring),
        what: element.outerHTML.slice(0, 160),
      };
    });
    check(stop.seen, `the focus is not seen on ${stop.what}`).toBe(true);
    if (await control.evaluate((element) => element === document.activeElement).catch(() => false))
      return;
  }
  throw new Error(`Tab does not reach ${control}`);
}

test.use({ simulator: ["--speed", "20"] });

test("a run is started and cancelled, with a reason", async ({ tonight }) => {
  await tonight.keyboard.press("Tab");
  await expect(tonight.getByRole("link", { name: /^Skip/ })).toBeFocused();
  await tonight.keyboard.press("Enter");
  await expect(tonight.getByRole("main")).toBeFocused();
  await tabTo(tonight, runNow(tonight));
  await tonight.keyboard.press("Enter");
  // The dialog says what would be done, and asks.
  const dialog = tonight.getByRole("dialog");
  await expect(dialog).toContainText("Trading day");
  await tabTo(tonight, dialog.getByRole("button", { name: /^Run now/ }));
  await tonight.keyboard.press("Enter");
  await expectStatus(tonight, "running");

  const opener = tonight.locator("details.confirm > summary");
  await expect(opener).toBeVisible();
  await tabTo(tonight, opener);
  await tonight.keyboard.press("Enter");
  const reason = tonight.locator('details.confirm input[name="reason"]');
  await tabTo(tonight, reason);
  await tonight.keyboard.type("Tried by keys: t, g r, / and ?");
  await expect(reason).toHaveValue("Tried by keys: t, g r, / and ?");
  await expect(tonight.getByRole("dialog")).toHaveCount(0);
  await tabTo(
    tonight,
    tonight.locator("details.confirm").getByRole("button", { name: "Cancel run", exact: true }),
  );
  await tonight.keyboard.press("Enter");
  await expectStatus(tonight, "cancelled");
});

test("the schedule is changed", async ({ tonight }) => {
  const nav = tonight.getByRole("navigation", { name: "Pages" });
  await tabTo(tonight, nav.locator('a[href$="/schedule"]'));
  await tonight.keyboard.press("Enter");
  const time = tonight.locator('input[name="trigger_time"]');
  await expect(time).toBeVisible();
  await tabTo(tonight, time);
  await tonight.keyboard.press("ControlOrMeta+a");
  await tonight.keyboard.type("18:45");
  await tabTo(tonight, tonight.getByRole("button", { name: "Save" }));
  await tonight.keyboard.press("Enter");
  await expect(toast(tonight, "Schedule saved")).toBeVisible();
  await expect(tonight.getByTestId("schedule")).toContainText("18:45");
});

test("a dialog traps the focus, and Escape returns it", async ({ tonight }) => {
  const link = tonight.locator('a[href$="/do/import"]').first();
  await tabTo(tonight, link);
  await tonight.keyboard.press("Enter");
  const dialog = tonight.getByRole("dialog");
  await expect(dialog).toBeVisible();
  for (let presses = 0; presses < 20; presses++) {
    await tonight.keyboard.press("Tab");
    const outside = await dialog.evaluate(
      (it) => document.activeElement !== document.body && !it.contains(document.activeElement),
    );
    expect(outside, "the focus has left the dialog").toBe(false);
  }
  await tonight.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(link).toBeFocused();
});

test.describe("of a run with failures", () => {
  test.use({ simulator: ["--speed", "300", "--scenario", "failures"] });

  test("an error is acknowledged, and a run is opened", async ({ tonight, world }) => {
    const run = await world.trigger();
    await expectStatus(tonight, ...SUCCEEDED);
    const first = tonight.getByRole("button", { name: /^Acknowledge/ }).first();
    await expect(first).toBeVisible();
    await tabTo(tonight, first);
    await tonight.keyboard.press("Enter");
    await expect(needsAttention(tonight)).toContainText(/acknowledged by/i);
    await tabTo(tonight, tonight.locator(`main a[href$="/runs/${run}"]`).first());
    await tonight.keyboard.press("Enter");
    await expect(tonight).toHaveURL(new RegExp(`/runs/${run}$`));
  });
});
