// That the checks of these tests would see what they look for, on pages that are broken on purpose.

import { expect, test } from "@playwright/test";
import {
  cutTexts,
  endlessAnimations,
  expectAccessible,
  expectNoSidewaysScroll,
  lowControls,
} from "./support/looks.js";

const page = (body: string, style = "") =>
  `<!DOCTYPE html><html lang="en"><head><title>Broken</title><style>${style}</style></head><body><main><h1>Broken</h1>${body}</main></body></html>`;

test("clipped text is found, text with an ellipsis is not", async ({ page: tab }) => {
  await tab.setContent(
    page(
      '<p class="cut">A text that is far too long</p><p class="short">Another that is far too long</p>',
      "p { width: 60px; overflow: hidden; white-space: nowrap } .short { text-overflow: ellipsis }",
    ),
  );
  expect(await cutTexts(tab)).toEqual(['p.cut cuts "A text that is far too long"']);
});

test("a control that is too small is found", async ({ page: tab }) => {
  await tab.setContent(
    page(
      "<button>Low</button><p>See <a href='/'>this</a>.</p>",
      "button { height: 18px; padding: 0 }",
    ),
  );
  expect(await lowControls(tab, 24)).toEqual(["18 px: <button>Low</button>"]);
});

test("an animation without end is found", async ({ page: tab }) => {
  await tab.setContent(
    page(
      "<i>.</i>",
      "@keyframes turns { to { rotate: 1turn } } i { display: block; animation: turns 1s infinite }",
    ),
  );
  expect(await endlessAnimations(tab)).toEqual(["turns"]);
});

test("a page that scrolls sideways fails", async ({ page: tab }) => {
  test.fail();
  await tab.setContent(page("<div>wide</div>", "div { width: 5000px }"));
  await expectNoSidewaysScroll(tab, "the broken page");
});

test("low contrast in the dark theme alone fails", async ({ page: tab }) => {
  test.fail();
  await tab.setContent(
    page(
      "<p>Faint</p>",
      "@media (prefers-color-scheme: dark) { body { background: #111 } p { color: #333 } h1 { color: #fff } }",
    ),
  );
  await expectAccessible(tab, "the broken page");
});
