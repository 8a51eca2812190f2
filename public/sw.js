// Keeps the console's shell and the last known pages for when it cannot be reached, and shows notifications.
// Pages come from the network whenever it answers, and assets have the hash of what they hold in their names: a new release is
// never mixed with an old one. A page that comes from here is marked (data-kept), and the console shows it as stale from the start.
const HOME = "/admin/daily-processing";
const PAGES = "pages-1";
const ASSETS = "assets-1";
const MOST_PAGES = 20;
const MOST_ASSETS = 24;
// What a proxy answers while the console is away.
const AWAY = [502, 503, 504];

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => event.waitUntil(hear(JSON.parse(event.data))));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && (pathname === "/" || pathname.startsWith(HOME))) event.respondWith(page(request, pathname));
  else if (pathname.startsWith("/pkg/") || /^\/[\w-]+\.(svg|png|wav|webmanifest)$/.test(pathname)) event.respondWith(asset(request));
});

async function takeOver() {
  const old = (await caches.keys()).filter((name) => ![PAGES, ASSETS].includes(name));
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function hear(wish) {
  if (wish === "keep") await keep(HOME, await fetch(HOME, { headers: { accept: "text/html" } }).catch(() => undefined));
  else if (wish.notify) await self.registration.showNotification("TickStock", { body: wish.notify.text, icon: "/icon-192.png", data: wish.notify.address });
}

// A tab that is open already, else a new one.
async function show(address) {
  const [open] = await self.clients.matchAll({ type: "window" });
  if (!open) return self.clients.openWindow(address);
  await open.focus();
  return open.navigate(address);
}

async function page(request, pathname) {
  const answer = await fetch(request).catch(() => undefined);
  if (answer && !AWAY.includes(answer.status)) {
    await keep(pathname, answer.clone());
    return answer;
  }
  const cache = await caches.open(PAGES);
  const kept = await cache.match(pathname);
  if (kept) return marked(kept);
  if (pathname !== HOME && (await cache.match(HOME))) return Response.redirect(HOME);
  return answer ?? Response.error();
}

async function keep(pathname, answer) {
  // A page that leads elsewhere, such as to the sign-in, is not this one.
  if (!answer || answer.status !== 200 || answer.redirected || answer.type !== "basic") return;
  const cache = await caches.open(PAGES);
  await cache.put(pathname, answer);
  await bound(cache, MOST_PAGES);
}

async function marked(kept) {
  const text = (await kept.text()).replace("<html", '<html data-kept=""');
  return new Response(text, { headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": kept.headers.get("content-security-policy") ?? "" } });
}

async function asset(request) {
  const cache = await caches.open(ASSETS);
  const lasting = request.url.includes("/pkg/");
  const kept = await cache.match(request);
  if (kept && lasting) return kept;
  const answer = await fetch(request).catch(() => undefined);
  if (!answer) return kept ?? Response.error();
  if (answer.status === 200) {
    await cache.put(request, answer.clone());
    await bound(cache, MOST_ASSETS);
  }
  return answer;
}

// Oldest first: what is put again goes to the end.
async function bound(cache, most) {
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => cache.delete(key)));
}
