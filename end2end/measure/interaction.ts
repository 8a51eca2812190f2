// How the page answers while 5,000 results a second are published and the CPU is slowed 4 times: the longest task, the slowest answer
// to a click or a key (INP), and what moved by itself (CLS). `make measure-page` runs it; it reports, and asserts nothing.
import type { Page } from "@playwright/test";
import { expect, expectStatus, test } from "../tests/support/world.js";
import { publishResults } from "./publisher.js";
import { report } from "./report.js";

const RATE = Number(process.env.MEASURE_RATE ?? 5_000);
const SLOWER = Number(process.env.MEASURE_SLOWER ?? 4);
const ROUNDS = 3;

interface Seen {
  tasks: number[];
  answers: { name: string; ms: number; target: string }[];
  shifts: { value: number; input: boolean; of: string[] }[];
}

/** Runs in the page before anything else. */
function observe(): void {
  const seen: Seen = { tasks: [], answers: [], shifts: [] };
  Object.assign(window, { seen });
  const what = (node: Node | null): string =>
    node instanceof Element
      ? `${node.tagName.toLowerCase()}.${node.getAttribute("class") ?? ""}`
      : `"${node?.textContent}" in ${node?.parentElement ? what(node.parentElement) : "nothing"}`;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.tasks.push(entry.duration);
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEventTiming & {
      interactionId: number;
    })[]) {
      if (entry.interactionId)
        seen.answers.push({ name: entry.name, ms: entry.duration, target: what(entry.target) });
    }
  }).observe({ type: "event", durationThreshold: 16, buffered: true } as PerformanceObserverInit);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as unknown as {
      value: number;
      hadRecentInput: boolean;
      sources: { node: Node | null }[];
    }[]) {
      seen.shifts.push({
        value: entry.value,
        input: entry.hadRecentInput,
        of: entry.sources.map(({ node }) => what(node)),
      });
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/** What a person does: looks around, opens, types, closes, scrolls, sorts out. */
async function useIt(page: Page): Promise<number> {
  let uses = 0;
  const click = async (selector: string, index = 0) => {
    await page.locator(selector).nth(index).click({ timeout: 30_000 });
    uses++;
    await page.waitForTimeout(250);
  };
  const press = async (key: string) => {
    await page.keyboard.press(key);
    uses++;
    await page.waitForTimeout(120);
  };
  for (let round = 0; round < ROUNDS; round++) {
    await click("header.top button.icon-button");
    await click('[data-testid="stream"] > summary');
    await press("Escape");
    await click('a[data-dialog][href$="/do/indicators"]');
    await expect(page.getByRole("dialog")).toBeVisible({ timeout: 30_000 });
    await page.locator('dialog input[name="symbols"]').click();
    for (const letter of "AAPL, BRK.B") await press(letter);
    await press("Escape");
    await page.mouse.wheel(0, 1200);
    const lists = page.locator("section.live-list button.icon-button");
    for (let index = 0; index < (await lists.count()); index++) {
      await click("section.live-list button.icon-button", index);
      await page.waitForTimeout(400);
      await click("section.live-list button.icon-button", index);
    }
    await page.mouse.wheel(0, -3000);
    for (let tabs = 0; tabs < 12; tabs++) await press("Tab");
  }
  return uses;
}

test.describe.configure({ mode: "serial" });
test.use({ simulator: ["--speed", "0.1"], trace: "off" });

for (const [name, options] of [
  ["desk", { viewport: { width: 1280, height: 900 } }],
  ["phone", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
] as const) {
  test(`${RATE} results a second, CPU ${SLOWER} times slower, ${name}`, async ({
    browser,
    world,
  }) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await page.addInitScript(observe);
    await page.goto(`${world.url}/admin/daily-processing`);
    await world.publish("processing:status", "processing_started", {
      run_id: "measured",
      trigger_type: "manual",
    });
    await expectStatus(page, "running");
    await world.publish("indicators:started", "indicator_processing_started", {
      run_id: "measured",
      total_symbols: 505,
      total_indicators: 15,
      timeframes: ["daily"],
    });
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    const stop = await publishResults(world.redis.port, RATE);
    await page.waitForTimeout(5_000);
    await page.evaluate(() => {
      const { seen } = window as unknown as { seen: Seen };
      // Loading is measured elsewhere.
      seen.tasks.length = seen.answers.length = seen.shifts.length = 0;
    });
    const frames = page.evaluate(
      () =>
        new Promise<number>((done) => {
          let count = 0;
          const began = performance.now();
          const next = () => {
            count++;
            if (performance.now() - began < 5_000) requestAnimationFrame(next);
            else done(count / 5);
          };
          requestAnimationFrame(next);
        }),
    );
    const perSecond = await frames;
    const work = async () => {
      const { metrics } = await devtools.send("Performance.getMetrics");
      return (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    };
    await devtools.send("Performance.enable");
    const before = await work();
    const began = performance.now();
    const uses = await useIt(page);
    const after = await work();
    const share = (name: string) =>
      `${Math.round((after(name) - before(name)) / ((performance.now() - began) / 1e5))} %`;
    const shares = ["TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration"].map(
      share,
    );
    const { results, seconds } = await stop();
    const { tasks, answers, shifts } = await page.evaluate(
      () => (window as unknown as { seen: Seen }).seen,
    );
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    const sorted = answers.map(({ ms }) => ms).sort((a, b) => b - a);
    const own = shifts.filter(({ input }) => !input);
    report(`interaction, ${name}`, [
      ["results published a second", Math.round(results / seconds), "5,000"],
      ["seconds", Math.round(seconds), ""],
      ["frames a second", Math.round(perSecond), ""],
      ["main thread busy: all, script, layout, style", shares.join(", "), ""],
      ["tasks over 50 ms", tasks.length, ""],
      ["longest task, ms", Math.round(Math.max(0, ...tasks)), "100"],
      ["clicks and keys", uses, ""],
      ["slowest answer to one (INP), ms", sorted[0] ?? 0, "200"],
      ["98th percentile of answers, ms", sorted[Math.floor(uses * 0.02)] ?? 0, ""],
      [
        "layout shift without input (CLS)",
        own.reduce((sum, { value }) => sum + value, 0).toFixed(4),
        "0",
      ],
    ]);
    const slow = answers.sort((a, b) => b.ms - a.ms).slice(0, 5);
    if (slow.length)
      console.log(
        "slowest:",
        slow.map(({ name, ms, target }) => `${name} on ${target} ${ms} ms`).join("; "),
      );
    const moved = own.sort((a, b) => b.value - a.value).slice(0, 5);
    if (moved.length)
      console.log(
        "moved:",
        moved.map(({ value, of }) => `${value.toFixed(4)} ${of.join(", ")}`).join("; "),
      );
    await context.close();
  });
}
