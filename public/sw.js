// Loopr's service worker. Registered as `/sw.js?build=<id>`: another build is another worker with another cache.
//
// Pages come from the network and, when there is none, from the offline page. Files below `/assets/` never change under
// their address and are kept. Nothing else is touched: no HTML, no server functions, no API, no websocket.
const BUILD = new URL(self.location.href).searchParams.get('build') ?? 'none';
const PREFIX = 'loopr-';
const CACHE = `${PREFIX}${BUILD}`;
const OFFLINE = ['/offline.html', '/offline.css', '/favicon.svg'];

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(OFFLINE.map((url) => new Request(url, { cache: 'reload' })))),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
      await self.registration.navigationPreload?.enable();
      await self.clients.claim();
    })(),
  );
});

// A new worker waits until the person agrees to reload.
self.addEventListener('message', (event) => {
  if (event.data === 'SKIP_WAITING') self.skipWaiting();
});

async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match('/offline.html')) ?? Response.error();
  }
}

async function asset(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.status === 200) await cache.put(request, response.clone());
  return response;
}

async function offlinePart(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request)) ?? Response.error();
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(page(event));
  else if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request));
  else if (OFFLINE.includes(url.pathname)) event.respondWith(offlinePart(request));
});

// What a push service delivers: one notification for each thing that is told; what is told again replaces it.
self.addEventListener('push', (event) => {
  let told = {};
  try {
    told = event.data?.json() ?? {};
  } catch {
    told = { title: 'Loopr', body: event.data?.text() ?? '' };
  }
  const actions = told.ack_url ? [{ action: 'acknowledge', title: 'Acknowledge' }] : [];
  event.waitUntil(
    self.registration.showNotification(told.title ?? 'Loopr', {
      body: told.body ?? '',
      tag: told.tag,
      renotify: Boolean(told.tag),
      requireInteraction: told.severity === 'critical',
      icon: '/icons/icon-192.png',
      badge: '/icons/icon-192.png',
      timestamp: told.at,
      data: { url: told.url ?? '/', ack_url: told.ack_url },
      actions,
    }),
  );
});

// A press opens what it is about, in a tab that is open already if there is one. Nothing is changed by it: the page asks.
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { url, ack_url } = event.notification.data ?? {};
  const wanted = new URL((event.action === 'acknowledge' && ack_url) || url || '/', self.location.origin);
  const target = wanted.origin === self.location.origin ? wanted.href : self.location.origin;
  event.waitUntil(
    (async () => {
      const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
      const open = windows.find((client) => client.url === target) ?? windows.find((client) => 'navigate' in client);
      if (!open) return self.clients.openWindow(target);
      await open.focus();
      return open.url === target ? open : open.navigate(target);
    })(),
  );
});
