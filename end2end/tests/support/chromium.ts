// The Chromium of all browser tests, and the flags that it runs with.

export const CHROMIUM = process.env.CHROMIUM || "/usr/bin/chromium";

/** As root and in a container; and without what a browser does by itself over the network. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
