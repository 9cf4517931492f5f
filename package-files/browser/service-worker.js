// Keeps this folder's files for times without a connection, and adds the headers that let a page share memory with its worker
// where the server does not send them. Only files below this script's own folder pass through here.
"use strict";

const CACHE = "python-page";
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  event.respondWith(answer(request, event));
});

/** The server's answer, which is kept; or, when there is no server, what was kept. */
async function answer(request, event) {
  const cache = await caches.open(CACHE);
  const key = new URL(request.url);
  key.hash = key.search = "";
  try {
    const response = await fetch(request);
    if (response.ok && response.status === 200) event.waitUntil(cache.put(key, response.clone()).catch(() => {}));
    return isolated(response);
  } catch (error) {
    const kept = await cache.match(key);
    if (kept) return isolated(kept);
    throw error;
  }
}

function isolated(response) {
  if (response.type === "opaque" || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
