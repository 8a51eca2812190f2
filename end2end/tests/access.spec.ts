// Signing in and out in a browser, with script and without it; and that the page keeps its own content security policy.

import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, test as base, expect, type Page } from "@playwright/test";
import { Program, programs, Redis, startSimulator } from "./support/processes.js";
import { runNow, startRun, TONIGHT } from "./support/world.js";

const PASSWORD = "correct horse battery";

/** A console with users named as their roles; gives its address. */
const test = base.extend<{ address: string }>({
  address: async ({}, use) => {
    const redis = await Redis.start();
    const simulator = await startSimulator(redis, ["--speed", "300"]);
    const folder = mkdtempSync(join(tmpdir(), "console-access-"));
    const env = {
      CONSOLE_ADDR: "127.0.0.1:0",
      CONSOLE_AUTH: "users,tokens",
      DATABASE_URI: `sqlite://${join(folder, "console.db")}`,
      REDIS_URL: redis.url,
      TICKSTOCKPL_API_URL: simulator.url,
      RUST_LOG: "warn",
    };
    for (const role of ["viewer", "operator", "admin"]) {
      const words = ["user", "add", role, "--role", role];
      const added = spawnSync(join(programs, "tickstock-console"), words, {
        input: `${PASSWORD}\n`,
        env: { ...process.env, ...env },
      });
      expect(added.status, `${added.stderr}`).toBe(0);
    }
    const server = new Program(
      join(programs, "tickstock-console"),
      [],
      /listening on (http:\S+)/,
      env,
      folder,
    );
    const [, address] = await server.start();
    await use(address as string);
    await Promise.all([server.stop(), simulator.program.stop()]);
    await redis.stop();
  },
});

async function signIn(page: Page, address: string, name: string, path = TONIGHT): Promise<void> {
  await page.goto(`${address}${path}`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(`${address}${path}`);
}

/** What the browser says against the page's policy. */
function violations(page: Page): string[] {
  const found: string[] = [];
  page.on("console", (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) found.push(message.text());
  });
  return found;
}

test("sign-in leads to the requested page, sign-out ends access", async ({ page, address }) => {
  const found = violations(page);
  await page.goto(`${address}${TONIGHT}/runs?status=failed`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  const { violations: axe } = await new AxeBuilder({ page }).analyze();
  expect(axe.map(({ id }) => id)).toEqual([]);
  await page.getByLabel("Name").fill("operator");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText("Incorrect name or password.");
  await expect(page.getByLabel("Name")).toHaveValue("operator");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${address}${TONIGHT}/runs?status=failed`);
  await page.goto(`${address}${TONIGHT}`);
  await expect(page.getByTestId("stream")).toHaveAttribute("data-state", "live");
  await expect(page.getByRole("banner")).toContainText("operator");
  await startRun(page);
  await expect(page.getByTestId("run-status")).toHaveAttribute("data-status", /running|succeeded/, {
    timeout: 60_000,
  });
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goto(`${address}${TONIGHT}`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  expect(found).toEqual([]);
});

test("a viewer sees why commands are disabled", async ({ page, address }) => {
  await signIn(page, address, "viewer");
  await expect(page.getByTestId("stream")).toHaveAttribute("data-state", "live");
  await expect(runNow(page)).toBeDisabled();
  await expect(
    page.getByText("Viewers cannot start or cancel runs. Ask an operator."),
  ).toBeVisible();
  await page.goto(`${address}${TONIGHT}/audit`);
  await expect(page.getByRole("main")).toContainText(/Only administrators/);
});

test("a token is shown once and authenticates a script", async ({ page, address, request }) => {
  await signIn(page, address, "admin", `${TONIGHT}/settings`);
  const { violations: axe } = await new AxeBuilder({ page }).analyze();
  expect(axe.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual(
    [],
  );
  const form = page.getByTestId("add-token");
  await form.getByLabel("Name").fill("nightly");
  await form.getByRole("button").click();
  const token = await page.getByTestId("token").inputValue();
  expect(token).toMatch(/^tsc_[\w-]{43}$/);
  const status = async () =>
    (
      await request.get(`${address}/api/processing/daily/status`, {
        headers: { authorization: `Bearer ${token}` },
      })
    ).status();
  expect(await status()).toBe(200);
  await page.getByRole("link", { name: "Back to settings" }).click();
  await page
    .getByRole("listitem")
    .filter({ hasText: "nightly" })
    .getByRole("button", { name: "Revoke" })
    .click();
  await expect(page.getByRole("listitem").filter({ hasText: "nightly" })).toContainText("revoked");
  expect(await status()).toBe(401);
});

test("sign-in and sign-out work without JavaScript", async ({
  browser,
  address,
}: {
  browser: Browser;
  address: string;
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, address, "operator");
  await expect(runNow(page)).toBeEnabled();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await context.close();
});
