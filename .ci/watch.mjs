// Builds the development console when a source file changes, restarts it, and lets the open pages
// reload; Ctrl-C ends everything. A change of styles, scripts or static files compiles nothing.
// Polls modification times, which works on every system and file system.
// usage: node .ci/watch.mjs   (from the project's root)
import { spawn } from "node:child_process";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const COMPILED = ["app", "server", "Cargo.toml", "Cargo.lock", ".env"];
const ASSETS = ["app/browser", "style", "public"];
const POLL_MS = 300;

process.env.LIVE_RELOAD = "1";

let building = null;
let server = null;
let stopping = false;

/** A string that changes with any file of a folder; the assets inside it have one of their own. */
function fingerprint(path, top = true) {
  if (!top && ASSETS.includes(path)) return "";
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return `${path} ${stat?.mtimeMs} ${stat?.size}\n`;
  return readdirSync(path)
    .map((name) => fingerprint(join(path, name), false))
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

/** Tells the open pages to reload: app/browser/src/dev/reload.ts looks at this file. */
function announceReload() {
  writeFileSync("target/site/reload.txt", `${Date.now()}`);
}

/** Builds what changed. Returns whether it succeeded. */
async function build(...command) {
  building = start(...command);
  const code = await building.ended;
  building = null;
  return code === 0 && !stopping;
}

let built = { compiled: "", assets: "" };
while (!stopping) {
  const seen = {
    compiled: COMPILED.map((path) => fingerprint(path)).join(""),
    assets: ASSETS.map((path) => fingerprint(path)).join(""),
  };
  const compiles = seen.compiled !== built.compiled;
  if (compiles || seen.assets !== built.assets) {
    built = seen;
    const succeeded = compiles
      ? await build(".ci/build", "--dev")
      : await build(".ci/build-web", "--dev", "--assets");
    if (stopping) break;
    if (!succeeded) {
      console.error(
        "watch: the build failed; the console keeps running the last one that succeeded",
      );
    } else if (compiles) {
      await stop(server);
      announceReload();
      server = start("target/debug/tickstock-console");
    } else {
      announceReload();
    }
  }
  await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
