// Firefox, over WebDriver BiDi, which it speaks without a driver of its own.
import puppeteer from "puppeteer-core";
import type { Engine } from "./engine.js";

export async function firefox(executablePath: string): Promise<Engine> {
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(`${error}`));
  return {
    open: async (url) => void (await page.goto(url, { waitUntil: "load" })),
    read: async <T>(expression: string) => (await page.evaluate(expression)) as T,
    click: async (selector) => {
      const element = await page.waitForSelector(selector, { visible: true });
      await element!.click();
    },
    errors: async () => errors,
    close: () => browser.close(),
  };
}
