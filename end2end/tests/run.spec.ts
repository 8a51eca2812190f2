// A run on the page: from its start to each of its ends.
import {
  expect,
  expectStatus,
  needsAttention,
  overallProgress,
  phaseCard,
  runNow,
  SUCCEEDED,
  startRun,
  test,
} from "./support/world.js";

/** The documented order of one full run, as channels of its events. */
const STEPS = [
  "processing:status",
  "import:started",
  "import:progress",
  "import:completed",
  "cache:started",
  "cache:completed",
  "indicators:started",
  "indicators:progress",
  "indicators:completed",
  "patterns:started",
  "patterns:progress",
  "patterns:completed",
  "processing:status",
];

/** How the older guides call the import's and the cache's channels. */
const OLDER: Record<string, string[]> = {
  "import:started": ["data:import:status"],
  "import:completed": ["data:import:status"],
  "cache:started": ["cache:sync_triggered"],
  "cache:completed": ["cache:sync_complete"],
};

for (const dialect of ["response", "guides", "mixed"]) {
  test.describe(`in TickStockPL's dialect "${dialect}"`, () => {
    test.use({ simulator: ["--speed", "150", "--dialect", dialect] });

    test("a whole run is followed through its 13 steps", async ({ tonight, world }) => {
      await expectStatus(tonight, "none", ...SUCCEEDED, "failed", "cancelled");
      await startRun(tonight);
      await expectStatus(tonight, "running");
      for (const phase of ["Import", "Cache sync", "Indicators", "Patterns"]) {
        await expect(phaseCard(tonight, phase)).toHaveAttribute("data-status", /running|done/, {
          timeout: 30_000,
        });
      }
      await expectStatus(tonight, ...SUCCEEDED);
      for (const phase of ["Import", "Cache sync", "Indicators", "Patterns"]) {
        await expect(phaseCard(tonight, phase)).toHaveAttribute("data-status", "done");
      }
      const events = tonight.getByRole("region", { name: "Events", exact: true });
      await events.getByRole("button", { name: /^Show all/ }).click();
      // Newest first on the page.
      const rows = events.locator("[data-channel]");
      const channels = (
        await rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-channel") ?? ""))
      ).reverse();
      let next = 0;
      for (const channel of channels.map((name) => name.replace(/^tickstock:/, ""))) {
        const step = STEPS[next];
        if (step && (channel === step || OLDER[step]?.includes(channel))) next++;
      }
      expect(
        STEPS.slice(next),
        `steps that are missing or out of order in ${channels.join(" ")}`,
      ).toEqual([]);
      expect(await (await fetch(`${world.url}/health`)).json()).toMatchObject({
        services: { redis: "up", tickstockpl: "up" },
      });
    });
  });
}

test.describe("a slow run", () => {
  test.use({ simulator: ["--speed", "20"] });

  test("is cancelled from the page, and is not shown as failed", async ({ tonight, world }) => {
    await world.trigger();
    await expectStatus(tonight, "running");
    await expect(runNow(tonight)).toBeDisabled();
    const cancel = tonight.getByRole("button", { name: "Cancel run", exact: true });
    // The button stands behind a disclosure that asks whether it is meant.
    if (!(await cancel.isVisible()))
      await tonight
        .getByText(/^Cancel/)
        .first()
        .click();
    await cancel.click();
    await expectStatus(tonight, "cancelled");
    await expect(tonight.getByTestId("run-status")).not.toContainText(/failed/i);
    await expect(runNow(tonight)).toBeEnabled();
  });

  test("goes on after a restart of Redis, which the page shows", async ({ tonight, world }) => {
    await world.trigger();
    await expectStatus(tonight, "running");
    await expect(tonight.getByTestId("link-redis")).toHaveAttribute("data-state", "up");
    const percent = async () =>
      Number(await overallProgress(tonight).getAttribute("aria-valuenow"));
    await expect.poll(percent).toBeGreaterThan(0);
    await world.redis.restart(async () => {
      await expect(tonight.getByTestId("link-redis")).toHaveAttribute("data-state", "down");
    });
    await expect(tonight.getByTestId("link-redis")).toHaveAttribute("data-state", "up", {
      timeout: 30_000,
    });
    const before = await percent();
    await expect.poll(percent, { timeout: 30_000 }).toBeGreaterThan(before);
  });
});

test.describe("a run that crashes", () => {
  test.use({ simulator: ["--speed", "150", "--scenario", "crash"] });

  test("is shown as failed, with its error", async ({ tonight, world }) => {
    await world.trigger();
    await expectStatus(tonight, "failed");
    await expect(phaseCard(tonight, "Indicators")).toHaveAttribute("data-status", "failed");
    await expect(needsAttention(tonight)).toContainText(/indicator/i);
  });
});

test.describe("a run with failures", () => {
  test.use({ simulator: ["--speed", "150", "--scenario", "failures"] });

  test("succeeds with warnings and names the failed symbols", async ({ tonight, world }) => {
    await world.trigger();
    await expectStatus(tonight, "succeeded_with_warnings");
    await expect(needsAttention(tonight)).toContainText("failed");
  });
});
