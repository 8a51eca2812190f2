// The browser tests: real Chromium, real Redis, the simulator as TickStockPL, the console as it is shipped.
// Projects: `chromium` is the suite of `make test`; `engines` the shorter one in Firefox and WebKitGTK of `make test-long`;
// `pictures` and `measure` make the README's pictures and the figures of BENCHMARKS.md.
import { defineConfig } from "@playwright/test";
import { CHROMIUM, CHROMIUM_FLAGS } from "./tests/support/chromium.js";

export default defineConfig({
  outputDir: "test-results",
  // Each test starts its own Redis, simulator and console; two at a time is what two cores carry.
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  use: {
    viewport: { width: 1280, height: 900 },
    trace: "retain-on-failure",
    launchOptions: { executablePath: CHROMIUM, args: CHROMIUM_FLAGS },
  },
  projects: [
    { name: "chromium", testDir: "tests" },
    { name: "engines", testDir: "engines", testMatch: "*.spec.ts" },
    { name: "pictures", testDir: "pictures", testMatch: "take.ts", timeout: 300_000 },
    {
      name: "measure",
      testDir: "measure",
      testMatch: ["interaction.ts", "loading.ts"],
      timeout: 600_000,
    },
  ],
});
