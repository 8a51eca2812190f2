// Real programs on spare ports: Redis, the simulator, the console. Each ends with its test.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = join(import.meta.dirname, "../../..");
export const programs = join(root, process.env.CONSOLE_PROGRAMS ?? "target/release");

/** A port that nothing listens on. */
async function sparePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** A program that says on a line of its output that it is ready. */
export class Program {
  private child?: ChildProcess;
  private output = "";

  constructor(
    private readonly command: string,
    private readonly args: string[],
    private readonly ready: RegExp,
    private readonly env: Record<string, string> = {},
    /** A folder that goes with it. */
    private readonly folder?: string,
  ) {}

  /** Starts it; gives the line that said that it is ready. */
  async start(): Promise<RegExpMatchArray> {
    const child = spawn(this.command, this.args, {
      cwd: root,
      env: { ...process.env, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    child.stderr.on("data", (text) => (this.output += text));
    return new Promise((resolve, reject) => {
      child.on("error", (error) => reject(new Error(`${this.command}: ${error.message}`)));
      child.on("exit", (code) =>
        reject(new Error(`${this.command} ended with ${code}:\n${this.output}`)),
      );
      createInterface(child.stdout).on("line", (line) => {
        this.output += `${line}\n`;
        const match = line.match(this.ready);
        if (match) resolve(match);
      });
    });
  }

  /** Ends it and waits until it has ended. */
  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    }
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A Redis server of the test's own. */
export class Redis {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly server: Program,
  ) {}

  static async start(): Promise<Redis> {
    for (let attempt = 1; ; attempt++) {
      const port = await sparePort();
      const folder = mkdtempSync(join(tmpdir(), "console-redis-"));
      const args = [
        "--bind",
        "127.0.0.1",
        "--port",
        `${port}`,
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        folder,
      ];
      const redis = new Redis(
        port,
        folder,
        new Program("redis-server", args, /Ready to accept connections/),
      );
      try {
        await redis.server.start();
        return redis;
      } catch (error) {
        await redis.stop();
        if (attempt === 5) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  async restart(whileAway: () => Promise<void> = async () => {}): Promise<void> {
    await this.server.stop();
    await whileAway();
    await this.server.start();
  }

  /** How many have subscribed to a channel. */
  async listeners(channel: string): Promise<number> {
    const [, count] = (await this.cli(["PUBSUB", "NUMSUB", channel])).split("\n");
    return Number(count);
  }

  /** Publishes as an operator would, with redis-cli; gives how many heard it. */
  async publish(channel: string, message: object | string): Promise<number> {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    return Number.parseInt(await this.cli(["-x", "PUBLISH", channel], text), 10);
  }

  private async cli(words: string[], input = ""): Promise<string> {
    const cli = spawn("redis-cli", ["-p", `${this.port}`, ...words], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    // One that asks for nothing may have ended before it is told that nothing comes.
    cli.stdin.on("error", () => {});
    cli.stdin.end(input);
    let answer = "";
    cli.stdout.on("data", (part) => (answer += part));
    await once(cli, "close");
    return answer;
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The simulator; gives its address. */
export async function startSimulator(
  redis: Redis,
  options: string[],
): Promise<{ program: Program; url: string }> {
  const args = ["--addr", "127.0.0.1:0", "--redis-url", redis.url, ...options];
  const program = new Program(
    join(programs, "tickstockpl-simulator"),
    args,
    /listening on (http:\S+)/,
  );
  const [, url] = await program.start();
  return { program, url };
}

/** The console; gives its address. */
export async function startConsole(
  redisUrl: string,
  apiUrl: string,
  addr = "127.0.0.1:0",
  more: Record<string, string> = {},
  folder = mkdtempSync(join(tmpdir(), "console-copy-")),
): Promise<{ program: Program; url: string }> {
  const database = `sqlite://${join(folder, "console.db")}`;
  const env = {
    CONSOLE_ADDR: addr,
    REDIS_URL: redisUrl,
    TICKSTOCKPL_API_URL: apiUrl,
    DATABASE_URI: database,
    RUST_LOG: "warn",
    ...more,
  };
  const program = new Program(
    join(programs, "tickstock-console"),
    [],
    /listening on (http:\S+)/,
    env,
    folder,
  );
  const [, url] = await program.start();
  return { program, url };
}
