// The worker that keeps the form of a review on the device, so that it opens again without a network. It is served from /reviews/worker.js, and rules over no
// more than what lies below that. Network first: only where none answers does it give what it kept, and says so in the page (data-shown="device"). It answers
// pages of forms and static files, asked for by GET, and nothing else; a page that was answered by a way to sign in is not kept, and takes the others along; one that is not there for them any more goes. Nothing is shown
// from the device for longer than a session lasts.
"use strict";
const PAGES = "daihou-sheet-pages";
const FILES = "daihou-sheet-files";
const FORM = /^\/reviews\/\d+\/form\/$/;
const STATIC = "/static/";
const MOST_PAGES = 20;
const MOST_AGE_MS = 12 * 3600 * 1000; // the length of a session, SESSION_COOKIE_AGE: a test holds them against each other
const KEPT_AT = "X-Daihou-Kept-At";
const GONE = [403, 404, 410];
const PATIENCE_MS = 8000; // a network that says nothing for so long is none
const SERVER = 'data-shown="server"';
const DEVICE = 'data-shown="device"';

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const place = new URL(url);
  if (method !== "GET" || place.origin !== self.location.origin) return;
  if (mode === "navigate" && FORM.test(place.pathname)) event.respondWith(page(event, place.pathname));
  else if (place.pathname.startsWith(STATIC)) event.respondWith(file(event.request));
});

self.addEventListener("message", (event) => {
  const { kept, files, forgotten } = event.data;
  if (kept) event.waitUntil(begin(kept, files));
  if (forgotten) event.waitUntil(forget(forgotten));
});

async function page(event, path) {
  const answer = fetch(event.request);
  try {
    const found = await soon(answer);
    if (found.type === "opaqueredirect") event.waitUntil(caches.delete(PAGES)); // to sign in: the session is over
    else if (GONE.includes(found.status)) event.waitUntil(forget(path)); // not theirs any more
    else event.waitUntil(keep(path, found.clone()));
    return found;
  } catch {
    const kept = await (await caches.open(PAGES)).match(path, { ignoreVary: true });
    if (kept && fresh(kept)) return shownFromDevice(kept);
    if (kept) event.waitUntil(forget(path));
    return answer;
  }
}

// A clock that was put back makes nothing younger.
function fresh(kept) {
  return Math.abs(Date.now() - Number(kept.headers.get(KEPT_AT))) < MOST_AGE_MS;
}

function soon(answer) {
  return Promise.race([answer, new Promise((_, failed) => setTimeout(() => failed(new Error("slow")), PATIENCE_MS))]);
}

async function shownFromDevice(kept) {
  return new Response((await kept.text()).replace(SERVER, DEVICE), { status: kept.status, headers: kept.headers });
}

// Those of an answer whose text was unpacked.
function plain(known) {
  const headers = new Headers(known);
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  return headers;
}

async function file(request) {
  try {
    return await fetch(request);
  } catch (failure) {
    const kept = await (await caches.open(FILES)).match(request, { ignoreVary: true });
    if (kept) return kept;
    throw failure;
  }
}

// A page that is filled in is kept; one that is over, or of somebody who may not fill it in, is not.
async function keep(path, answer) {
  if (!answer.ok || answer.redirected || answer.type !== "basic") return;
  const html = await answer.text();
  const user = userOf(html);
  const pages = await caches.open(PAGES);
  if (!user) {
    await pages.delete(path);
    return;
  }
  for (const known of await pages.keys()) {
    if (userOf(await (await pages.match(known, { ignoreVary: true })).text()) !== user) await pages.delete(known);
  }
  await pages.delete(path); // the newest stand last
  const headers = plain(answer.headers);
  headers.set(KEPT_AT, String(Date.now()));
  await pages.put(path, new Response(html, { status: answer.status, headers }));
  const known = await pages.keys();
  for (const old of known.slice(0, Math.max(known.length - MOST_PAGES, 0))) await pages.delete(old);
}

const userOf = (html) => html.match(/ data-keep data-user="(\d+)"/)?.[1];

// The first visit to a form comes before the worker: the page says what is to be kept.
async function begin(path, files) {
  const pages = await caches.open(PAGES);
  if (!(await pages.match(path, { ignoreVary: true }))) await keep(path, await fetch(path, { redirect: "manual" }));
  const store = await caches.open(FILES);
  const wanted = new Set(files.filter((one) => new URL(one).pathname.startsWith(STATIC)));
  if ((await pages.keys()).length < 2) for (const old of await store.keys()) if (!wanted.has(old.url)) await store.delete(old);
  const missing = [];
  for (const one of wanted) if (!(await store.match(one, { ignoreVary: true }))) missing.push(one);
  await Promise.all(missing.map((one) => store.add(one)));
}

async function forget(path) {
  const pages = await caches.open(PAGES);
  await pages.delete(path);
  if ((await pages.keys()).length === 0) await caches.delete(FILES);
}
