// What every page has to be, whatever it shows: readable by everybody, nothing cut, nothing that scrolls sideways.
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, expect, type Page } from "@playwright/test";
import { TONIGHT, type World } from "./world.js";

/** The pages below tonight's, and the forms that are pages, too. */
export const PAGES = ["", "/runs", "/symbols", "/schedule", "/errors", "/audit", "/settings"];
export const FORMS = ["run", "import", "indicators", "patterns", "retry"];

/** Goes to a page, and waits until the page follows the stream by itself. */
export async function visit(page: Page, world: World, path: string): Promise<void> {
  await page.goto(`${world.url}${TONIGHT}${path}`);
  await page.locator("html[data-streaming]").waitFor();
}

/** A page in a browser context of its own, such as a phone's. */
export async function pageLike(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  return (await browser.newContext(options)).newPage();
}

/** axe finds nothing, in light and dark; with targets of at least 24 pixels (WCAG 2.2), which it leaves out by itself. */
export async function expectAccessible(page: Page, where: string, within = "html"): Promise<void> {
  // The pages have no frames, so axe needs no page of its own to put results together: "legacy" saves a second each time.
  const axe = () => new AxeBuilder({ page }).include(within).setLegacyMode();
  const none = async (axe: AxeBuilder, theme: string) => {
    const { violations } = await axe.analyze();
    expect
      .soft(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`),
        `${where}, ${theme}`,
      )
      .toEqual([]);
  };
  await none(
    axe().options({ resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }),
    "light",
  );
  // A theme changes colours alone.
  await page.emulateMedia({ colorScheme: "dark" });
  await none(axe().withRules(["color-contrast"]), "dark");
  await page.emulateMedia({ colorScheme: "light" });
}

export async function expectNoSidewaysScroll(page: Page, where: string): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect.soft(overflow, `pixels that ${where} scrolls sideways`).toBe(0);
}

/** Texts that the screen's edge or a box around them cuts off, and that nothing can scroll into sight. */
export async function cutTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const cut: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement!;
      const text = node.textContent!.trim();
      if (
        !text ||
        !element.checkVisibility({ visibilityProperty: true }) ||
        element.closest("script, style, .visually-hidden, noscript")
      )
        continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width === 0) continue;
      for (let around: Element | null = element; around; around = around.parentElement) {
        const style = getComputedStyle(around);
        const edge = around.getBoundingClientRect();
        // Kept for screen readers alone; or shortened on purpose, with an ellipsis that says so.
        if (style.clipPath !== "none" || style.textOverflow === "ellipsis") break;
        if (/auto|scroll/.test(style.overflowX)) break;
        const screen = around === document.documentElement;
        if (!screen && style.overflowX === "visible") continue;
        if (
          box.right > (screen ? innerWidth : edge.right) + 1 ||
          box.left < (screen ? 0 : edge.left) - 1
        ) {
          cut.push(`${around.tagName.toLowerCase()}.${around.className} cuts "${text}"`);
          break;
        }
      }
    }
    return cut;
  });
}

/** Controls that a finger cannot hit: lower than `least` pixels, unless they stand in a sentence. */
export async function lowControls(page: Page, least: number): Promise<string[]> {
  return page.evaluate((least) => {
    const low: string[] = [];
    for (const control of document.querySelectorAll<HTMLElement>(
      "button, summary, select, input:not([type=hidden]), a[href]",
    )) {
      if (
        !control.checkVisibility({ visibilityProperty: true }) ||
        control.closest(".visually-hidden, .skip")
      )
        continue;
      const style = getComputedStyle(control);
      // Links in a sentence are as high as the sentence; a row's link is as large as the row.
      if (style.display === "inline" || control.matches(".row-link")) continue;
      // A box's label is hit as well as the box.
      const target = control.matches("input[type=checkbox], input[type=radio]")
        ? (control.closest("label") ?? control)
        : control;
      const { height } = target.getBoundingClientRect();
      if (height < least) low.push(`${Math.round(height)} px: ${control.outerHTML.slice(0, 120)}`);
    }
    return low;
  }, least);
}

/** Animations that run without end just now. */
export async function endlessAnimations(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document
      .getAnimations()
      .filter((animation) => animation.playState === "running")
      .map((animation) => `${(animation as CSSAnimation).animationName ?? animation.id}`),
  );
}
