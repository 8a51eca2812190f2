// How soon the page is there and answers, on loopback with the CPU slowed 4 times and nothing in the cache; and what Lighthouse says of it.
// `make measure-page` runs it; it reports, and asserts nothing.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { chromium } from "@playwright/test";
import lighthouse, { desktopConfig } from "lighthouse";
import { CHROMIUM, CHROMIUM_FLAGS } from "../tests/support/chromium.js";
import { TONIGHT, test } from "../tests/support/world.js";
import { report } from "./report.js";

const SLOWER = Number(process.env.MEASURE_SLOWER ?? 4);
const LOADS = 9;

interface Load {
  paint: number;
  /** The page opens its stream once it is hydrated. */
  hydrated: number;
  live: number;
  shift: number;
  bytes: number;
}

/** Runs in the page before anything else. */
function observe(): void {
  const load = { hydrated: 0, live: 0, shift: 0 };
  Object.assign(window, { load });
  const Native = window.SharedWorker;
  window.SharedWorker = class extends Native {
    constructor(url: string | URL, options?: string | WorkerOptions) {
      super(url, options);
      load.hydrated ||= performance.now();
    }
  };
  // The page says so when it has heard its stream.
  new MutationObserver(() => {
    if (document.documentElement.hasAttribute("data-streaming")) load.live ||= performance.now();
  }).observe(document, { subtree: true, attributeFilter: ["data-streaming"] });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as unknown as { value: number }[])
      load.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}

const middle = (figures: number[]) => figures.sort((a, b) => a - b)[figures.length >> 1]!;

test.use({ simulator: ["--speed", "1", "--seed", "7"], trace: "off" });

test(`first paint and hydration, CPU ${SLOWER} times slower`, async ({ browser, world }) => {
  await world.trigger();
  const loads: Load[] = [];
  for (let n = 0; n < LOADS; n++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(observe);
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    await page.goto(`${world.url}${TONIGHT}`);
    await page.waitForFunction(() => (window as unknown as { load: Load }).load.live > 0);
    loads.push(
      await page.evaluate(() => ({
        ...(window as unknown as { load: Load }).load,
        paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
        bytes: (performance.getEntries() as PerformanceResourceTiming[]).reduce(
          (sum, { encodedBodySize = 0 }) => sum + encodedBodySize,
          0,
        ),
      })),
    );
    await context.close();
  }
  const of = (pick: (load: Load) => number) => middle(loads.map(pick));
  report(`loading, middle of ${LOADS}`, [
    ["first contentful paint, ms", Math.round(of(({ paint }) => paint)), "500"],
    ["hydrated (stream asked for), ms", Math.round(of(({ hydrated }) => hydrated)), "1,500"],
    ["stream live, ms", Math.round(of(({ live }) => live)), "1,500"],
    ["the fastest load, live, ms", Math.round(Math.min(...loads.map(({ live }) => live))), ""],
    ["layout shift", Math.max(...loads.map(({ shift }) => shift)).toFixed(4), "0"],
    ["bytes as they came", of(({ bytes }) => bytes), ""],
  ]);
});

for (const form of ["mobile", "desktop"] as const) {
  test(`Lighthouse, ${form}`, async ({ world }) => {
    await world.trigger();
    const spare = createServer().listen(0, "127.0.0.1");
    await once(spare, "listening");
    const { port } = spare.address() as AddressInfo;
    spare.close();
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [...CHROMIUM_FLAGS, `--remote-debugging-port=${port}`],
    });
    try {
      const onlyCategories = ["performance", "accessibility", "best-practices"];
      const result = await lighthouse(
        `${world.url}${TONIGHT}`,
        { port, onlyCategories, logLevel: "error" },
        form === "desktop" ? desktopConfig : undefined,
      );
      const { categories, audits } = result!.lhr;
      const aims: Record<string, string> = {
        performance: "95",
        accessibility: "100",
        "best-practices": "100",
      };
      report(`Lighthouse ${result!.lhr.lighthouseVersion}, ${form}`, [
        ...Object.values(categories).map(({ id, score }): [string, number, string] => [
          id,
          Math.round((score ?? 0) * 100),
          aims[id] ?? "",
        ]),
        ...[
          "first-contentful-paint",
          "largest-contentful-paint",
          "total-blocking-time",
          "speed-index",
          "interactive",
          "cumulative-layout-shift",
        ].map((id): [string, string, string] => [`  ${id}`, audits[id]?.displayValue ?? "–", ""]),
      ]);
      const lacking = Object.values(categories).flatMap(({ id, auditRefs }) =>
        auditRefs
          .filter((ref) => ref.weight > 0 && (audits[ref.id]?.score ?? 1) < 0.9)
          .map(
            (ref) => `${id}: ${ref.id} (${audits[ref.id]!.displayValue ?? audits[ref.id]!.title})`,
          ),
      );
      if (lacking.length) console.log(`lacking:\n  ${lacking.join("\n  ")}`);
    } finally {
      await browser.close();
    }
  });
}
