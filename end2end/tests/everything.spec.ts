// Visits every page and uses every control that can be seen: each does something, and none writes an error on the console.
// Commands are answered by the test, so that nothing is started or changed.
import type { Page, Request } from "@playwright/test";
import { FORMS, visit } from "./support/looks.js";
import { expect, expectStatus, TONIGHT, test, type World } from "./support/world.js";

/** Controls of one kind, such as the rows of a list, that are used on a page. */
const OF_A_KIND = 2;
const CONTROLS = "a[href], button, summary, select, input:not([type=hidden]), textarea";

interface Control {
  index: number;
  name: string;
  href: string | null;
}

/** The controls of a part of the page that can be used now, a few of each kind. */
async function controls(page: Page, part: string): Promise<Control[]> {
  return page.evaluate(
    ({ selector, part, most }) => {
      const kinds = new Map<string, number>();
      const found: { index: number; name: string; href: string | null }[] = [];
      [...document.querySelectorAll<HTMLElement>(selector)].forEach((control, index) => {
        if (
          !control.checkVisibility({ visibilityProperty: true }) ||
          control.matches(":disabled") ||
          !control.closest(part)
        )
          return;
        const own = control.closest("td, li")
          ? (control.closest("section, form")?.getAttribute("aria-labelledby") ?? "")
          : `${index}`;
        const kind = [
          own,
          control.tagName,
          control.className,
          control.getAttribute("name"),
          control.getAttribute("type"),
        ].join(" ");
        const seen = kinds.get(kind) ?? 0;
        kinds.set(kind, seen + 1);
        if (seen >= most) return;
        const name =
          control.getAttribute("aria-label") ??
          (control.textContent!.trim() || control.getAttribute("name") || control.outerHTML);
        found.push({ index, name: name.slice(0, 80), href: control.getAttribute("href") });
      });
      return found;
    },
    { selector: CONTROLS, part, most: OF_A_KIND },
  );
}

/** Watches for anything that a control can do; what the page does by itself (its clock, TickStockPL's figures) does not count. */
async function watch(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => {
    const state = { changed: false };
    Object.assign(window, { watched: state });
    const own =
      ".clock, time, [data-testid=monitoring], [data-testid=event-list], [data-testid=stream]";
    const observer = new MutationObserver((records) => {
      const element = (node: Node) => (node instanceof Element ? node : node.parentElement);
      if (records.some((record) => !element(record.target)?.closest(own))) state.changed = true;
    });
    observer.observe(document.documentElement, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
    for (const event of ["input", "change", "toggle", "scroll", "copy"])
      document.addEventListener(event, () => (state.changed = true), true);
  });
  let asked = false;
  const open = new Set<Request>();
  const onRequest = (request: Request) => {
    asked = true;
    // Streams never end, and of the scripts of shared workers it is not told that they have.
    if (!/\/(api|embed\/v1)\/events|\/(stream|worker)\.js$/.test(request.url())) open.add(request);
  };
  const onEnd = (request: Request) => open.delete(request);
  const onDownload = () => (asked = true);
  page
    .on("request", onRequest)
    .on("requestfinished", onEnd)
    .on("requestfailed", onEnd)
    .on("download", onDownload);
  const before = page.url();
  return async () => {
    const done = async () => {
      if (asked || page.url() !== before) return true;
      return page
        .evaluate(
          () => (window as unknown as { watched?: { changed: boolean } }).watched?.changed ?? true,
        )
        .catch(() => true);
    };
    const seen = await expect
      .poll(done, { timeout: 2_000 })
      .toBe(true)
      .then(
        () => true,
        () => false,
      );
    // What it asked for is there, and shown.
    await expect.poll(() => [...open].map((request) => request.url())).toEqual([]);
    await page
      .evaluate(() => new Promise((shown) => requestAnimationFrame(() => setTimeout(shown))))
      .catch(() => {});
    page
      .off("request", onRequest)
      .off("requestfinished", onEnd)
      .off("requestfailed", onEnd)
      .off("download", onDownload);
    return seen;
  };
}

async function use(page: Page, control: Control): Promise<void> {
  const locator = page.locator(CONTROLS).nth(control.index);
  const kind = await locator.evaluate((it) =>
    it instanceof HTMLInputElement ? it.type : it.tagName.toLowerCase(),
  );
  if (kind === "select") {
    const values = await locator
      .locator("option")
      .evaluateAll((all) => all.map((option) => (option as HTMLOptionElement).value));
    await locator.selectOption(values.at(-1) ?? "");
  } else if (/^(text|search|time|number|date|textarea)$/.test(kind)) {
    await locator.fill(kind === "time" ? "17:05" : "AAPL");
  } else {
    await locator.click({ timeout: 5_000 });
  }
}

/** Uses each control of a part of the page; names those that did nothing. */
async function dead(page: Page, world: World, path: string, part: string): Promise<string[]> {
  await visit(page, world, path);
  const all = await controls(page, part);
  expect(all.length, `controls on ${path}`).toBeGreaterThan(2);
  const dead: string[] = [];
  for (const control of all) {
    // A page, a dialog, a panel or a message that came is left again.
    const came = page.locator(
      'dialog[open], details[open], [data-testid="toast"][data-open="true"]',
    );
    const left = page.url() !== `${world.url}${TONIGHT}${path}` || (await came.count()) > 0;
    // So is what an earlier one took away, such as a filter the end of a list.
    if (left || !(await page.locator(CONTROLS).nth(control.index).isVisible()))
      await visit(page, world, path);
    const target = control.href === null ? null : new URL(control.href, page.url());
    // A link to this very page has nothing to do.
    if (target && target.href.replace(/#.*/, "") === page.url().replace(/#.*/, "")) continue;
    if (target)
      expect(target.origin, `${control.name} leads elsewhere`).toBe(new URL(world.url).origin);
    const reacted = await watch(page);
    await use(page, control);
    if (!(await reacted())) dead.push(control.name);
  }
  return dead;
}

/** Every page, with the part of it that is used: what stands above all pages is used once. */
const PARTS: [name: string, part: string, paths: string[]][] = [
  ["the bar above every page", "header.top", [""]],
  ["tonight's page", "main", [""]],
  ["the pages of runs", "main", ["/runs", "/runs/{run}"]],
  ["the other pages", "main", ["/schedule", "/errors", "/audit", "/settings"]],
  ["the forms", "main", FORMS.map((form) => `/do/${form}`)],
];
const PATHS = PARTS.flatMap(([, , paths]) => paths);

test.describe("every control does something", () => {
  test.use({
    simulator: ["--speed", "300", "--scenario", "crash"],
    reducedMotion: "reduce",
    permissions: ["clipboard-read", "clipboard-write"],
  });

  for (const [name, part, paths] of PARTS) {
    test(`on ${name}`, async ({ tonight: page, world }) => {
      test.slow();
      const run = await world.trigger();
      await expectStatus(page, "failed");
      await page
        .context()
        .route(/\/api\/console\//, (route) =>
          route.request().method() === "POST"
            ? route.fulfill({ json: { success: true, message: "Simulated command." } })
            : route.continue(),
        );
      for (const path of paths.map((path) => path.replace("{run}", run))) {
        expect(
          await dead(page, world, path, part),
          `controls on ${path || "tonight's page"} that do nothing`,
        ).toEqual([]);
      }
    });
  }
});

test("every link leads to a page", async ({ tonight, world, request }) => {
  const run = await world.trigger();
  await expectStatus(tonight, "succeeded", "succeeded_with_warnings");
  const seen = new Set<string>();
  for (const path of PATHS) {
    await tonight.goto(`${world.url}${TONIGHT}${path.replace("{run}", run)}`);
    for (const href of await tonight
      .locator("a[href]")
      .evaluateAll((all) => all.map((link) => link.getAttribute("href")!))) {
      seen.add(new URL(href.replace(/#.*/, ""), tonight.url()).href);
    }
  }
  for (const href of seen) {
    expect(new URL(href).origin).toBe(new URL(world.url).origin);
    expect((await request.get(href)).status(), href).toBe(200);
  }
});
