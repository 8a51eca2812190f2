// The fixtures of every browser test: a world of its own, and a page on which any console error fails the test.
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { type Program, Redis, startConsole, startSimulator } from "./processes.js";

export { expect } from "@playwright/test";

export interface World {
  redis: Redis;
  console: Program;
  /** The console's address, without a path. */
  url: string;
  simulator: Program;
  api: string;
  /** Publishes a run's event in envelope A. */
  publish(channel: string, event: string, payload: object): Promise<number>;
  /** Starts a run over the REST API, as a script would; gives its id. */
  trigger(): Promise<string>;
}

interface Options {
  /** Options of the simulator. A run of 35 minutes takes 35 * 60 / speed seconds. */
  simulator: string[];
  /** Console errors that the test itself causes. */
  expectedErrors: RegExp[];
}

export const TONIGHT = "/admin/daily-processing";

export const test = base.extend<Options & { world: World; tonight: Page }>({
  simulator: [["--speed", "300"], { option: true }],
  expectedErrors: [[], { option: true }],

  world: async ({ simulator: options }, use) => {
    const redis = await Redis.start();
    const simulator = await startSimulator(redis, options);
    const server = await startConsole(redis.url, simulator.url);
    const publish = (channel: string, event: string, payload: object) =>
      redis.publish(`tickstock:${channel}`, {
        event,
        timestamp: new Date().toISOString(),
        source: "test",
        version: "1.0",
        payload,
      });
    const trigger = async () => {
      const answer = await fetch(`${server.url}/api/processing/daily/trigger`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ skip_market_check: true }),
      });
      expect(answer.status).toBe(200);
      return ((await answer.json()) as { run_id: string }).run_id;
    };
    // Nothing is missed: the console is subscribed before a test begins.
    await expect.poll(() => redis.listeners("tickstock:monitoring")).toBeGreaterThan(0);
    await use({
      redis,
      console: server.program,
      url: server.url,
      simulator: simulator.program,
      api: simulator.url,
      publish,
      trigger,
    });
    await Promise.all([server.program.stop(), simulator.program.stop()]);
    await redis.stop();
  },

  tonight: async ({ page, world, expectedErrors }, use) => {
    const errors: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning")
        errors.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => errors.push(`${error}`));
    await page.goto(`${world.url}${TONIGHT}`);
    await expect(page.getByTestId("stream")).toHaveAttribute("data-state", "live");
    await use(page);
    const unexpected = errors.filter(
      (error) => !expectedErrors.some((expected) => expected.test(error)),
    );
    expect(unexpected, "errors on the browser's console").toEqual([]);
  },
});

/** The button that opens the form of a run. */
export const runNow = (page: Page): Locator =>
  page.getByRole("region", { name: "Actions" }).getByRole("button", { name: /^Run now/ });

/** The card with errors and failed symbols. */
export const needsAttention = (page: Page): Locator =>
  page.getByRole("region", { name: "Needs attention" });

/** The card of a phase, by the phase's name. */
export const phaseCard = (page: Page, name: string): Locator =>
  page
    .getByRole("main")
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name, exact: true }) });

/** The list of the latest events. */
export const eventRows = (page: Page): Locator =>
  page.getByRole("region", { name: "Events", exact: true }).getByRole("listitem");

/** Progress of the whole run. */
export const overallProgress = (page: Page): Locator =>
  page.getByRole("progressbar", { name: /whole run/i });

/** The result of the last action, where it contains this text. */
export const toast = (page: Page, text: string | RegExp): Locator =>
  page.getByRole("status").filter({ hasText: text });

/** Starts a run from the page, as an operator does, on a trading day or not. */
export async function startRun(page: Page): Promise<void> {
  await runNow(page).click();
  const skip = page.getByLabel(/^Skip the market check/);
  await skip.check();
  await page
    .locator("form")
    .filter({ has: skip })
    .getByRole("button", { name: /^Run now/ })
    .click();
}

/** The run's status on the page, once it is one of these. */
export async function expectStatus(page: Page, ...statuses: string[]): Promise<void> {
  await expect(page.getByTestId("run-status")).toHaveAttribute(
    "data-status",
    new RegExp(`^(${statuses.join("|")})$`),
    {
      timeout: 60_000,
    },
  );
}

export const SUCCEEDED = ["succeeded", "succeeded_with_warnings"];
