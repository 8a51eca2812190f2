// WebKitGTK's own small browser, over WebDriver. It has no mode without a screen, so it gets one that nobody sees.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { expect } from "@playwright/test";
import type { Engine } from "./engine.js";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

export async function webkit(driver: string, browser: string, xvfb: string): Promise<Engine> {
  const screen = spawn(
    xvfb,
    ["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const [display] = (await once(createInterface(screen.stdout), "line")) as [string];
  const port = await sparePort();
  const env = { ...process.env, DISPLAY: `:${display}`, NO_AT_BRIDGE: "1" };
  const server = spawn(driver, [`--port=${port}`], { env, stdio: "ignore" });

  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const options = {
      method,
      body: body && JSON.stringify(body),
      headers: { "content-type": "application/json" },
    };
    const { value } = (await (await fetch(`http://127.0.0.1:${port}${path}`, options)).json()) as {
      value: T & { error?: string; message?: string };
    };
    if (value && typeof value === "object" && value.error)
      throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  await expect
    .poll(() =>
      ask("GET", "/status").then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  const capabilities = {
    alwaysMatch: { "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] } },
  };
  const { sessionId } = await ask<{ sessionId: string }>("POST", "/session", { capabilities });
  const session = `/session/${sessionId}`;
  await ask("POST", `${session}/window/rect`, { x: 0, y: 0, width: 1300, height: 1000 });
  const read = <T>(expression: string) =>
    ask<T>("POST", `${session}/execute/sync`, { script: `return (${expression})`, args: [] });

  return {
    open: async (url) => {
      await ask("POST", `${session}/url`, { url });
      // It tells no errors by itself; what fails while the page is loaded shows in that it does not come alive.
      await read(`(window.failed = [], addEventListener("error", (event) => failed.push(String(event.message))),
        addEventListener("unhandledrejection", (event) => failed.push(String(event.reason))), console.error = (...all) => failed.push(all.join(" ")), 0)`);
    },
    read,
    click: async (selector) => {
      await expect
        .poll(
          () => read(`!!document.querySelector(${JSON.stringify(selector)})?.checkVisibility()`),
          { message: selector },
        )
        .toBe(true);
      const element = await ask<Record<string, string>>("POST", `${session}/element`, {
        using: "css selector",
        value: selector,
      });
      await ask("POST", `${session}/element/${element[ELEMENT]}/click`, {});
    },
    errors: () => read<string[]>("window.failed"),
    close: async () => {
      await ask("DELETE", session).catch(() => {});
      await Promise.all([end(server), end(screen)]);
    },
  };
}

async function sparePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function end(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = once(program, "exit");
  program.kill();
  await ended;
}
