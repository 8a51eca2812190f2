// Embeds inside a portal of another site: by frame and by component, live, fresh or said not to be, and with tokens.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { embedToken } from "../portal/server.mjs";
import { expect, SECRET, test } from "./support/portal.js";

// As browsers are: the test runner's own switches would turn partitioned storage off, and with it workers in frames of another site.
const switches = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
];
test.use({
  launchOptions: {
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: [
      ...switches,
      "--disable-component-update",
      "--disable-sync",
      "--disable-features=Translate,HttpsUpgrades",
    ],
  },
});

const heard = (page: Page, name: string) =>
  page.evaluate(
    (name) =>
      (
        window as unknown as {
          heard: { name: string; from: string; detail: { state?: string; stale?: boolean } }[];
        }
      ).heard.filter((event) => event.name === name),
    name,
  );

test("every view is live, fits its content, and emits its state", async ({
  blocked: page,
  world,
}) => {
  await page.goto(`${world.portal.origin}/?run=r-1`);
  for (const view of ["status", "runs", "run", "schedule"]) {
    const frame = page.frameLocator(`#frame-${view}`);
    await expect(frame.locator("main")).toHaveAttribute("data-freshness", "live");
    await expect(frame.locator(".view")).toHaveAttribute("data-view", view);
    await expect(page.locator(`#component-${view} .embed`)).toHaveAttribute(
      "data-freshness",
      "live",
    );
    const content = await frame
      .locator("main")
      .evaluate((main) => Math.ceil(main.getBoundingClientRect().height));
    await expect
      .poll(async () =>
        Math.round((await page.locator(`#frame-${view}`).boundingBox())?.height ?? 0),
      )
      .toBe(content);
  }
  await world.publish("processing:status", "processing_started", {
    run_id: "r-1",
    trigger_type: "manual",
  });
  await world.publish("import:progress", "import_progress", {
    run_id: "r-1",
    completed_symbols: 1,
    total_symbols: 4,
  });
  await expect(page.frameLocator("#frame-status").locator('[data-phase="import"]')).toContainText(
    "25",
  );
  await expect(page.locator('#component-run [data-phase="import"]')).toContainText("25");
  await world.publish("processing:status", "processing_failed", {
    run_id: "r-1",
    error_message: "The disk is full",
  });
  await expect(page.frameLocator("#frame-run").locator(".headline")).toContainText(
    "The disk is full",
  );
  await expect
    .poll(async () =>
      (await heard(page, "statuschange"))
        .filter((event) => event.detail.state === "failed")
        .map((event) => event.from)
        .sort(),
    )
    .toEqual([
      "component-run",
      "component-runs",
      "component-status",
      "frame-run",
      "frame-runs",
      "frame-status",
    ]);
  await expect(page.locator('img[src*="badge.svg"]')).toHaveJSProperty("complete", true);
});

for (const way of ["a worker", "one of them that leads"]) {
  test(`eight frames share one stream by ${way}, with failover`, async ({
    blocked: page,
    world,
    browser,
  }) => {
    if (way !== "a worker") await page.addInitScript("delete window.SharedWorker");
    await page.goto(`${world.portal.origin}/frames?run=r-1`);
    const inside = (index: number) => page.frameLocator(`#frame-${index}`).locator("main");
    for (let index = 0; index < 8; index++)
      await expect(inside(index)).toHaveAttribute("data-freshness", "live");
    await expect.poll(world.streams).toBe(1);
    const { targetInfos } = await (await browser.newBrowserCDPSession()).send("Target.getTargets");
    expect(targetInfos.filter(({ type }) => type === "shared_worker").length).toBe(
      way === "a worker" ? 1 : 0,
    );
    // Whichever leads, it is among those that go.
    for (let index = 0; index < 6; index++)
      await page.locator(`#frame-${index}`).evaluate((frame) => frame.remove());
    await world.publish("processing:status", "processing_started", { run_id: "r-1" });
    await expect(inside(7).locator(".view")).toHaveAttribute("data-state", "running", {
      timeout: 10_000,
    });
    await expect.poll(world.streams).toBe(1);
  });
}

test("eight components share one stream, whichever is removed", async ({
  blocked: page,
  world,
}) => {
  await page.goto(`${world.portal.origin}/components?run=r-1`);
  const inside = (index: number) => page.locator(`#component-${index} .embed`);
  for (let index = 0; index < 8; index++)
    await expect(inside(index)).toHaveAttribute("data-freshness", "live");
  await expect.poll(world.streams).toBe(1);
  await page.locator("#component-0").evaluate((widget) => widget.remove());
  await world.publish("processing:status", "processing_started", { run_id: "r-1" });
  for (const index of [1, 3, 4, 7])
    await expect(
      inside(index).locator("[data-status=running], [data-state=running]").first(),
    ).toBeVisible();
  await expect.poll(world.streams).toBe(1);
});

test("a component inherits font and colors unless it has a theme", async ({
  blocked: page,
  world,
}) => {
  await page.goto(`${world.portal.origin}/components?run=r-1`);
  const first = page.locator("#component-0");
  const look = (name: string) =>
    first
      .locator(".embed")
      .evaluate((embed, name) => getComputedStyle(embed).getPropertyValue(name), name);
  await expect.poll(() => look("font-family")).toBe("Georgia, serif");
  expect(await look("color")).toBe("rgb(34, 34, 34)");
  expect(await look("background-color")).toBe("rgba(0, 0, 0, 0)");

  const set = (name: string, value: string) =>
    first.evaluate(
      (component, [name = "", value = ""]) =>
        component.parentElement?.style.setProperty(name, value),
      [name, value],
    );
  await set("color", "rgb(0, 0, 90)");
  await set("font-family", "monospace");
  expect(await look("font-family")).toBe("monospace");
  expect(await look("color")).toBe("rgb(0, 0, 90)");

  await set("--tickstock-text", "red");
  await set("--tickstock-font", "serif");
  expect(await look("font-family")).toBe("serif");
  expect(await look("color")).toBe("rgb(255, 0, 0)");

  await set("--tickstock-text", "initial");
  await first.evaluate((component) => component.setAttribute("theme", "dark"));
  await expect.poll(() => look("color")).toBe("rgb(232, 235, 240)");
  expect(await look("background-color")).toBe("rgb(21, 25, 32)");
});

test("an embed without its stream is stale, and catches up later", async ({
  blocked: page,
  world,
}) => {
  // A run that TickStockPL itself knows goes on for minutes.
  const headers = { "content-type": "application/json" };
  await fetch(`${world.url}/api/processing/daily/trigger`, {
    method: "POST",
    headers,
    body: '{"skip_market_check": true}',
  });
  await page.goto(world.portal.origin);
  const frame = page.frameLocator("#frame-status"),
    component = page.locator("#component-status");
  await expect(frame.locator("main")).toHaveAttribute("data-freshness", "live");
  await expect(component.locator(".embed")).toHaveAttribute("data-freshness", "live");
  await expect(frame.locator("[data-since]")).toBeVisible();
  await expect(component.locator("[data-since]")).toBeVisible();
  await world.server.stop();
  await expect(frame.locator("main")).toHaveAttribute("data-freshness", "reconnecting");
  const [before] = await Promise.all([
    frame.locator("[data-since]").textContent(),
    expect(frame.locator("main")).toHaveAttribute("data-freshness", "stale"),
  ]);
  await expect(frame.locator(".notice")).toContainText(
    /^Live updates paused\. Showing data from \d\d:\d\d:\d\d E[SD]T\.$/,
  );
  await expect(component.locator(".notice")).toContainText(
    "Live updates paused. Showing data from",
  );
  expect(await frame.locator("[data-since]").textContent()).toBe(before);
  expect(
    (await heard(page, "stale")).some(
      (event) => event.from === "frame-status" && event.detail.stale,
    ),
  ).toBe(true);
  await world.restart();
  await expect(frame.locator("main")).toHaveAttribute("data-freshness", "live", {
    timeout: 30_000,
  });
  await expect(component.locator(".embed")).toHaveAttribute("data-freshness", "live", {
    timeout: 30_000,
  });
  await expect(frame.locator(".notice")).toBeHidden();
});

test("other origins cannot frame an embed, nor the console", async ({ page, world }) => {
  const evil = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(
      `<iframe src="${world.url}/embed/v1/status"></iframe><script src="${world.url}/embed/v1/embed.js"></script><tickstock-run-status src="${world.url}"></tickstock-run-status>`,
    );
  }).listen(0, "localhost");
  await once(evil, "listening");
  await page.goto(`http://localhost:${(evil.address() as AddressInfo).port}`);
  await expect(page.locator("tickstock-run-status .embed")).toHaveAttribute(
    "data-freshness",
    "stale",
    {
      timeout: 30_000,
    },
  );
  await expect(page.locator("tickstock-run-status .view")).toHaveCount(0);
  await expect(page.frameLocator("iframe").locator("main")).toHaveCount(0);
  await page.goto(world.portal.origin);
  await page.evaluate(
    (url) => document.getElementById("frame-status")?.setAttribute("src", url),
    `${world.url}/admin/daily-processing`,
  );
  await expect(page.frameLocator("#frame-status").locator("main")).toHaveCount(0);
  evil.close();
});

test.describe("with tokens", () => {
  test.use({ secret: SECRET, expectedErrors: /status of 40[134]/ });

  test("embeds get tokens from their portal and renew them in place", async ({
    blocked: page,
    world,
  }) => {
    world.portal.seconds = 12;
    const documents: string[] = [];
    page.on("request", (request) => request.isNavigationRequest() && documents.push(request.url()));
    await page.goto(`${world.portal.origin}/?run=r-1`);
    for (const view of ["status", "runs", "run", "schedule"]) {
      await expect(page.frameLocator(`#frame-${view}`).locator(".view")).toBeVisible();
      await expect(page.locator(`#component-${view} .view`)).toBeVisible();
    }
    await expect.poll(world.streams).toBe(2);
    const loaded = documents.length,
      asked = world.portal.tokens;
    // Each of the eight asks for two more before long, and shows data all the while.
    await expect
      .poll(() => world.portal.tokens, { timeout: 40_000 })
      .toBeGreaterThanOrEqual(asked + 12);
    await expect(page.frameLocator("#frame-status").locator("main")).toHaveAttribute(
      "data-freshness",
      "live",
    );
    await world.publish("processing:status", "processing_started", { run_id: "r-1" });
    await expect(page.frameLocator("#frame-status").locator(".view")).toHaveAttribute(
      "data-state",
      "running",
    );
    expect(documents.length).toBe(loaded);
    expect((await heard(page, "stale")).length).toBe(0);
  });

  test("a token leaves the address, and a foreign one opens nothing", async ({
    blocked: page,
    world,
  }) => {
    const { origin } = world.portal;
    const frame = async (token: string) => {
      await page.goto(`${origin}/portal.css`);
      await page.goto(origin);
      await page.evaluate((address) => {
        const frame = document.createElement("iframe");
        frame.id = "by-hand";
        frame.src = address;
        document.body.append(frame);
      }, `${world.url}/embed/v1/status#token=${token}`);
      return page.frameLocator("#by-hand");
    };
    const own = await frame(embedToken("status", { secret: SECRET, origin }));
    await expect(own.locator(".view")).toBeVisible();
    expect(await own.locator("main").evaluate(() => location.hash)).toBe("");
    for (const bad of [
      embedToken("status", { secret: SECRET, origin: "https://another.example" }),
      embedToken("runs", { secret: SECRET, origin }),
      embedToken("status", { secret: "another secret of more than thirty-two bytes", origin }),
    ]) {
      const foreign = await frame(bad);
      await expect(foreign.locator(".notice")).toContainText("Cannot show this view");
      await expect(foreign.locator(".view")).toHaveCount(0);
    }
  });

  test("malformed messages from the page do not affect an embed", async ({
    blocked: page,
    world,
  }) => {
    await page.goto(world.portal.origin);
    await expect(page.frameLocator("#frame-status").locator(".view")).toBeVisible();
    await page.evaluate(() => {
      const rubbish: unknown[] = [
        null,
        7,
        "x",
        {},
        [],
        { type: 5 },
        { type: "tickstock:token" },
        { type: "tickstock:token", token: {} },
      ];
      rubbish.push(
        { type: "tickstock:token", token: "x".repeat(100_000) },
        { type: "tickstock:token", token: "a b\r\nc: d" },
        { type: "opened", origin: "x" },
      );
      rubbish.push(
        { type: "view", html: "<img src=x onerror=alert(1)>", key: "x" },
        { type: "tickstock:size", height: -1 },
      );
      const frame = document.getElementById("frame-status") as HTMLIFrameElement;
      for (const message of rubbish) frame.contentWindow?.postMessage(message, "*");
    });
    await world.publish("processing:status", "processing_started", { run_id: "r-1" });
    await expect(page.frameLocator("#frame-status").locator(".view")).toHaveAttribute(
      "data-state",
      "running",
    );
    await expect(page.frameLocator("#frame-status").locator("img")).toHaveCount(0);
  });
});
