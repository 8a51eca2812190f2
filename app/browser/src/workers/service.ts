/**
 * The service worker: caches the console's shell and the last pages for when it cannot be reached,
 * and shows notifications.
 *
 * Pages come from the network whenever it answers, and the names of assets contain the hash of
 * their contents: a new release is never mixed with an old one. A page from the cache is marked
 * with `data-offline`, and the console shows it as stale from the start.
 */
declare const self: ServiceWorkerGlobalScope;

const HOME = "/admin/daily-processing";
const PAGES = "pages-2";
const ASSETS = "assets-1";
const MAX_PAGES = 20;
const MAX_ASSETS = 24;
/** What a proxy answers while the console is unavailable. */
const UNAVAILABLE = [502, 503, 504];

/** The script of the worker that the page needs to come alive again. */
const STREAM_WORKER = "/stream.js";

/** What a page asks for, as JSON. */
type PageMessage = "keep" | { notify: { text: string; address: string } };

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => event.waitUntil(receive(JSON.parse(event.data))));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage(event.notification.data));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const isPage = pathname === "/" || pathname.startsWith(HOME);
  const isAsset =
    pathname.startsWith("/pkg/") ||
    pathname === STREAM_WORKER ||
    /^\/[\w-]+\.(svg|png|wav|webmanifest)$/.test(pathname);
  if (request.mode === "navigate" && isPage) event.respondWith(fetchPage(request, pathname));
  else if (isAsset) event.respondWith(fetchAsset(request));
});

async function activate() {
  const old = (await caches.keys()).filter((name) => ![PAGES, ASSETS].includes(name));
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function receive(message: PageMessage) {
  if (message === "keep") {
    const request = fetch(HOME, { headers: { accept: "text/html" } });
    const response = await request.catch(() => undefined);
    if (!response) return;
    await cachePage(HOME, response.clone());
    await cacheAssets(await response.text());
  } else if (message.notify) {
    const { text, address } = message.notify;
    await self.registration.showNotification("TickStock", {
      body: text,
      icon: "/icon-192.png",
      data: address,
    });
  }
}

/** Shows an address in a tab that is open already, else in a new one. */
async function openPage(address: string) {
  const [tab] = await self.clients.matchAll({ type: "window" });
  if (!tab) return self.clients.openWindow(address);
  await tab.focus();
  return tab.navigate(address);
}

async function fetchPage(request: Request, pathname: string): Promise<Response> {
  const response = await fetch(request).catch(() => undefined);
  if (response && !UNAVAILABLE.includes(response.status)) {
    await cachePage(pathname, response.clone());
    return response;
  }
  const cache = await caches.open(PAGES);
  const cached = await cache.match(pathname);
  if (cached) return markCached(cached);
  if (pathname !== HOME && (await cache.match(HOME))) return Response.redirect(HOME);
  return response ?? Response.error();
}

async function cachePage(pathname: string, response: Response) {
  // A page that redirects, such as to the sign-in, is another page.
  if (response.status !== 200 || response.redirected || response.type !== "basic") return;
  const cache = await caches.open(PAGES);
  await cache.put(pathname, response);
  await trim(cache, MAX_PAGES);
}

/** Caches what a page loads: the first page of a visit loaded it before there was this worker. */
async function cacheAssets(html: string) {
  const paths = new Set(html.match(/\/pkg\/[\w.-]+/g));
  await Promise.all([STREAM_WORKER, ...paths].map((path) => fetchAsset(new Request(path))));
}

async function markCached(page: Response): Promise<Response> {
  const html = (await page.text()).replace("<html", '<html data-offline=""');
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": page.headers.get("content-security-policy") ?? "",
    },
  });
}

async function fetchAsset(request: Request): Promise<Response> {
  const cache = await caches.open(ASSETS);
  const cached = await cache.match(request);
  if (cached && request.url.includes("/pkg/")) return cached;
  const response = await fetch(request).catch(() => undefined);
  if (!response) return cached ?? Response.error();
  if (response.status === 200) {
    await cache.put(request, response.clone());
    await trim(cache, MAX_ASSETS);
  }
  return response;
}

/** Deletes the oldest entries; what is put again goes to the end. */
async function trim(cache: Cache, max: number) {
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, -max).map((key) => cache.delete(key)));
}
