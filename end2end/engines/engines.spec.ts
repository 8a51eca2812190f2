// The page in Firefox and in WebKitGTK: it comes alive, follows a run to its end, carries out commands, and says when it is cut off.
import { startConsole } from "../tests/support/processes.js";
import { test as base, expect, SUCCEEDED, TONIGHT } from "../tests/support/world.js";
import type { Engine } from "./engine.js";
import { findProgram } from "./find-program.js";
import { firefox } from "./firefox.js";
import { webkit } from "./webkit.js";

const FIREFOX = findProgram("firefox-esr", "firefox");
const DRIVER = findProgram("WebKitWebDriver");
const MINI_BROWSER = findProgram(
  ...["x86_64", "aarch64"].flatMap((cpu) =>
    ["4.1", "4.0", "6.0"].map((api) => `/usr/lib/${cpu}-linux-gnu/webkit2gtk-${api}/MiniBrowser`),
  ),
);
const XVFB = findProgram("Xvfb");

const ENGINES: Record<string, (() => Promise<Engine>) | undefined> = {
  Firefox: FIREFOX && (() => firefox(FIREFOX)),
  WebKitGTK: DRIVER && MINI_BROWSER && XVFB && (() => webkit(DRIVER, MINI_BROWSER, XVFB)),
} as Record<string, (() => Promise<Engine>) | undefined>;

for (const [name, start] of Object.entries(ENGINES)) {
  const test = base.extend<{ engine: Engine }>({
    engine: async ({ world }, use) => {
      const engine = await start!();
      try {
        await engine.open(`${world.url}${TONIGHT}`);
        await use(engine);
      } finally {
        await engine.close();
      }
    },
  });
  const attribute = (engine: Engine, testid: string, attribute: string) =>
    engine.read<string | null>(
      `document.querySelector('[data-testid="${testid}"]')?.getAttribute("${attribute}") ?? null`,
    );
  /** The page is alive once its buttons do something. */
  const comesAlive = async (engine: Engine) => {
    const theme = () =>
      engine.read<string | null>("document.documentElement.getAttribute('data-theme')");
    const before = await theme();
    await expect
      .poll(async () => {
        await engine.click(
          "header.top > button.icon-button, header.top button[aria-label^='Theme']",
        );
        return theme();
      })
      .not.toBe(before);
  };
  const status = (engine: Engine, ...statuses: string[]) =>
    expect
      .poll(() => attribute(engine, "run-status", "data-status"), { timeout: 60_000 })
      .toMatch(new RegExp(`^(${statuses.join("|")})$`));

  test.describe(`in ${name}`, () => {
    test.skip(!start, `${name} is not installed; .ci/setup long installs it where apt can`);

    test.describe("at full speed", () => {
      test.use({ simulator: ["--speed", "150"] });

      test("a run is started and followed to its end without an error", async ({ engine }) => {
        expect(await engine.read<string>("document.querySelector('h1').textContent")).toContain(
          "Daily processing",
        );
        await comesAlive(engine);
        await engine.click('[data-testid="run-now"]');
        await expect
          .poll(() => engine.read<boolean>("!!document.querySelector('dialog')?.open"))
          .toBe(true);
        await engine.click('dialog [data-testid="confirm"]');
        await status(engine, "running");
        for (const phase of ["import", "cache_sync", "indicators", "patterns"]) {
          await expect
            .poll(() => attribute(engine, `phase-${phase}`, "data-status"), { timeout: 60_000 })
            .toMatch(/running|done/);
        }
        await status(engine, ...SUCCEEDED);
        const channels = await engine.read<number>(
          `document.querySelectorAll('[data-testid="event-list"] [data-channel]').length`,
        );
        expect(channels).toBeGreaterThan(5);
        expect(await engine.errors()).toEqual([]);
      });
    });

    test.describe("slowly", () => {
      test.use({ simulator: ["--speed", "20"] });

      test("a run is cancelled, and a lost console is found again", async ({ engine, world }) => {
        await comesAlive(engine);
        await engine.click('a[data-dialog][href$="/do/import"]');
        await expect
          .poll(() => engine.read<boolean>("!!document.querySelector('dialog')?.open"))
          .toBe(true);
        await engine.click("dialog [data-close-dialog]");
        await expect
          .poll(() => engine.read<boolean>("!!document.querySelector('dialog')?.open"))
          .toBe(false);
        await world.trigger();
        await status(engine, "running");
        await engine.click("details.confirm > summary");
        await engine.click('details.confirm [data-testid="cancel-run"]');
        await status(engine, "cancelled");
        expect(await engine.errors()).toEqual([]);

        const port = new URL(world.url).port;
        await world.console.stop();
        await expect
          .poll(() => attribute(engine, "stream", "data-state"), { timeout: 40_000 })
          .toBe("stale");
        expect(
          await engine.read<string>(
            `document.querySelector('[data-testid="freshness-bar"]').textContent`,
          ),
        ).toMatch(/paused/i);
        const again = await startConsole(world.redis.url, world.api, `127.0.0.1:${port}`);
        try {
          await expect
            .poll(() => attribute(engine, "stream", "data-state"), { timeout: 40_000 })
            .toBe("live");
          // The new console has no memory of the run, but follows what comes.
          await expect
            .poll(() => world.redis.publish("tickstock:monitoring", { event: "test" }))
            .toBeGreaterThan(0);
          await world.publish("processing:status", "processing_started", { run_id: "after" });
          await status(engine, "running");
        } finally {
          await again.program.stop();
        }
      });
    });
  });
}
