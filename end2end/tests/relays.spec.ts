// Two consoles behind a balancer: a page moves from the one that died to the other, and shows the same run.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { startConsole } from "./support/processes.js";
import {
  expect,
  expectStatus,
  overallProgress,
  SUCCEEDED,
  TONIGHT,
  test,
} from "./support/world.js";

/** Forwards each connection to the first port that takes it. */
async function balance(ports: () => number[]) {
  const open = new Set<Socket>();
  const forward = (client: Socket, [port, ...others]: number[]) => {
    if (port === undefined) return client.destroy();
    const server = connect(port, "127.0.0.1");
    open.add(server);
    const end = () => {
      open.delete(server);
      client.destroy();
      server.destroy();
    };
    let connected = false;
    server.on("connect", () => {
      connected = true;
      client.pipe(server).pipe(client);
    });
    server.on("error", () => (connected ? end() : forward(client, others)));
    server.on("close", () => connected && end());
    client.on("error", end).on("close", end);
  };
  const listener = createServer((client) => forward(client, ports())).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const close = () => {
    listener.close();
    for (const socket of open) socket.destroy();
  };
  return { url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`, close };
}

test.use({ simulator: ["--speed", "100"] });

test("pages of a console that dies continue with another one", async ({ page, world }) => {
  const other = await startConsole(world.redis.url, world.api);
  const port = (url: string) => Number(new URL(url).port);
  const balancer = await balance(() => [port(world.url), port(other.url)]);
  try {
    await expect
      .poll(async () => (await (await fetch(`${other.url}/health`)).json()).services)
      .toEqual({ database: "up", redis: "up", tickstockpl: "up" });
    await page.goto(`${balancer.url}${TONIGHT}`);
    await expect(page.getByTestId("stream")).toHaveAttribute("data-state", "live");
    const run = await world.trigger();
    await expectStatus(page, "running");
    const percent = async () => Number(await overallProgress(page).getAttribute("aria-valuenow"));
    await expect.poll(percent).toBeGreaterThan(10);
    const before = await percent();
    await world.console.stop();
    await expect.poll(percent, { timeout: 30_000 }).toBeGreaterThan(before);
    await expect(page.getByTestId("stream")).toHaveAttribute("data-state", "live");
    await expect(page.getByText(run.slice(0, 8)).first()).toBeVisible();
    await expectStatus(page, ...SUCCEEDED);
  } finally {
    balancer.close();
    await other.program.stop();
  }
});
