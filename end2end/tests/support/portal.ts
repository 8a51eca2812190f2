// A portal on another site, and a console that it may embed.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect, type Page } from "@playwright/test";
import { startPortal } from "../../portal/server.mjs";
import { type Program, Redis, startConsole, startSimulator } from "./processes.js";

export interface Portal {
  console: string;
  origin: string;
  seconds: number;
  tokens: number;
  close(): void;
}

export interface Embedding {
  portal: Portal;
  redis: Redis;
  /** The console's address, without a path. */
  url: string;
  server: Program;
  api: string;
  /** Starts the console anew, on the same address. */
  restart(): Promise<void>;
  publish(channel: string, event: string, payload: object): Promise<number>;
  streams(): Promise<number>;
}

interface Options {
  /** What tokens are signed with; embeds are open without it. */
  secret: string | undefined;
  /** Errors on the browser's console that the test itself causes. */
  expectedErrors: RegExp;
}

export const SECRET = "a secret of more than thirty-two bytes";

export const test = base.extend<Options & { world: Embedding; blocked: Page }>({
  secret: [undefined, { option: true }],
  expectedErrors: [/^$/, { option: true }],

  world: async ({ secret }, use) => {
    const portal: Portal = await startPortal({ secret });
    const redis = await Redis.start();
    const simulator = await startSimulator(redis, ["--speed", "20"]);
    const env: Record<string, string> = { CONSOLE_EMBED_ORIGINS: portal.origin };
    if (secret) env.CONSOLE_EMBED_SECRET = secret;
    const folder = mkdtempSync(join(tmpdir(), "console-embed-"));
    const start = (addr?: string) => startConsole(redis.url, simulator.url, addr, env, folder);
    const started = await start();
    portal.console = started.url;
    const world: Embedding = {
      portal,
      redis,
      url: started.url,
      server: started.program,
      api: simulator.url,
      restart: async () => {
        world.server = (await start(new URL(started.url).host)).program;
      },
      publish: (channel, event, payload) =>
        redis.publish(`tickstock:${channel}`, {
          event,
          timestamp: new Date().toISOString(),
          source: "test",
          version: "1.0",
          payload,
        }),
      streams: async () => (await (await fetch(`${started.url}/health`)).json()).streams,
    };
    await expect
      .poll(() => redis.publish("tickstock:monitoring", { event: "test" }))
      .toBeGreaterThan(0);
    await use(world);
    await Promise.all([world.server.stop(), simulator.program.stop()]);
    await redis.stop();
    portal.close();
  },

  // A browser that gives third parties no cookies, as browsers do by and by; any error on its console fails the test.
  blocked: async ({ page, world, expectedErrors }, use) => {
    void world;
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Network.setCookieControls", {
      enableThirdPartyCookieRestriction: true,
    });
    const errors: string[] = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(`${error}`));
    await use(page);
    expect(
      errors.filter(
        (error) =>
          !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|net::ERR_FAILED/.test(error) &&
          !expectedErrors.test(error),
      ),
    ).toEqual([]);
    expect(await page.context().cookies(), "embeds set no cookie").toEqual([]);
  },
});

export { expect } from "@playwright/test";
