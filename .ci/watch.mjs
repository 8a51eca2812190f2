// Builds the development console when a source file changes, and starts it anew; Ctrl-C ends both.
// It looks at modification times, which works on every system and file system.
// usage: node .ci/watch.mjs   (from the project's root)
import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const WATCHED = ["app", "server", "style", "public", "Cargo.toml", "Cargo.lock", ".env"];
const LOOK_EVERY_MS = 300;

let building = null;
let server = null;
let stopping = false;

/** One string that differs when any watched file does. */
function fingerprint(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return `${path} ${stat?.mtimeMs} ${stat?.size}\n`;
  return readdirSync(path)
    .map((name) => fingerprint(join(path, name)))
    .join("");
}

/** Starts a program that shares our terminal. `ended` resolves to its exit code, or null after a signal. */
function start(command, ...args) {
  const child = spawn(command, args, { stdio: "inherit" });
  child.ended = new Promise((resolve) => {
    child.on("error", (error) => resolve(console.error(`${command}: ${error.message}`)));
    child.on("exit", resolve);
  });
  return child;
}

async function stop(child) {
  child?.kill("SIGTERM");
  await child?.ended;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, async () => {
    if (stopping) return;
    stopping = true;
    await Promise.all([stop(building), stop(server)]);
    process.exit(0);
  });
}

let built;
while (!stopping) {
  const seen = WATCHED.map(fingerprint).join("");
  if (seen !== built) {
    built = seen;
    building = start(".ci/build", "--dev");
    const code = await building.ended;
    building = null;
    if (stopping) break;
    if (code === 0) {
      await stop(server);
      server = start("target/debug/tickstock-console");
    } else {
      console.error(
        "watch: the build failed; what was running goes on, and the next change is tried",
      );
    }
  }
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
