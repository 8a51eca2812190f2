// The keyboard, the palette, and fields that filter.
import { AxeBuilder } from "@axe-core/playwright";
import { eventRows, expect, expectStatus, TONIGHT, test } from "./support/world.js";

test("shortcuts work, except while a field has the focus", async ({ tonight }) => {
  await tonight.keyboard.press("?");
  await expect(tonight.getByRole("dialog")).toContainText("While you type in a field");
  await tonight.keyboard.press("Escape");
  await tonight.keyboard.press("g");
  await tonight.keyboard.press("r");
  await expect(tonight).toHaveURL(new RegExp(`${TONIGHT}/runs$`));
  await expect(
    tonight.getByTestId("fragment").getByRole("heading", { name: "Runs" }),
  ).toBeVisible();
  await tonight.keyboard.press("/");
  const search = tonight.getByLabel("Universe");
  await expect(search).toBeFocused();
  await tonight.keyboard.type("gt?");
  await expect(search).toHaveValue("gt?");
  await expect(tonight.getByRole("dialog")).toBeHidden();
});

test("the palette filters, and Enter takes the first match", async ({ tonight }) => {
  await tonight.keyboard.press("Control+k");
  const palette = tonight.getByRole("dialog");
  const field = palette.getByRole("searchbox");
  await expect(field).toBeFocused();
  const { violations } = await new AxeBuilder({ page: tonight }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await field.fill("sched");
  await expect(palette.getByRole("link")).toHaveCount(1);
  await field.fill("nothing fits this");
  await expect(palette.getByText("No matches.")).toBeVisible();
  await field.fill("set");
  await tonight.keyboard.press("Enter");
  await expect(tonight).toHaveURL(new RegExp(`${TONIGHT}/settings$`));
  await expect(palette).toBeHidden();
  await tonight.keyboard.press("Control+k");
  await field.fill("run now");
  await tonight.keyboard.press("ArrowDown");
  await tonight.keyboard.press("Enter");
  await expect(tonight.getByRole("dialog")).toContainText("Trading day");
});

test("a live list is filtered, and says when nothing matches", async ({ tonight, world }) => {
  for (const run_id of ["first", "second"])
    await world.publish("processing:status", "processing_started", { run_id });
  const rows = eventRows(tonight);
  await expect(rows.filter({ hasText: "processing_started" })).toHaveCount(2);
  await tonight.getByLabel("Filter: Events").fill("second");
  await expect(rows).toHaveCount(1);
  await tonight.getByLabel("Filter: Events").fill("third");
  await expect(tonight.getByText("No events match your filter.")).toBeVisible();
  const file = await fetch(`${world.url}/api/processing/feeds/events?format=csv`);
  expect(await file.text()).toContain("processing_started");
});

test("the outcome of a symbol is found, or said to be unknown", async ({ tonight, world }) => {
  await world.publish("processing:status", "processing_started", { run_id: "r-1" });
  await world.publish("indicators:calculated", "indicator_calculated", {
    run_id: "r-1",
    symbol: "AAPL",
    indicator: "RSI",
    timeframe: "daily",
    values: { rsi: 61.5 },
  });
  await expectStatus(tonight, "running");
  await tonight.getByRole("searchbox", { name: "What happened to one symbol" }).fill("aapl");
  await tonight.keyboard.press("Enter");
  await expect(tonight).toHaveURL(/\/symbols\?symbol=aapl/);
  const answer = tonight.getByTestId("symbol");
  await expect(answer).toContainText("AAPL");
  await expect(answer).toContainText("RSI");
  await expect(answer).toContainText("61.5");
  await tonight.getByLabel("Symbol", { exact: true }).fill("ZZZZ");
  await tonight.getByRole("button", { name: "Look up symbol" }).click();
  await expect(answer).toContainText("No import reported");
});
