/**
 * Reloads the page once `make dev` has built a change. The build of `make dev` appends it to the
 * page's script; no other build contains it.
 */
const VERSION = "/reload.txt";
let loaded: string | undefined;

setInterval(async () => {
  const response = await fetch(VERSION, { cache: "no-store" }).catch(() => undefined);
  // While the console restarts, nobody answers.
  if (!response?.ok) return;
  const version = await response.text();
  loaded ??= version;
  if (version !== loaded) location.reload();
}, 500);
