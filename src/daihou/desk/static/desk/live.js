// News of alerts on every page: the number before the title and in the menu, a quiet mark when nothing is heard, and lists that bring themselves up to date.
// [data-live] is the address of the stream, data-live-worker that of the worker, data-live-user whose it is; the same element holds the texts and says them
// aloud. It stands in the frame, so that a page without the frame (signing in, print) hears nothing.
//
// The list of alerts says by data-live-number up to which act it was read: what came before is seen.
//
// A page that is to follow holds [data-live-page] around named [data-live-part]s: they are fetched again from the page's own address. Not under the hands of
// who works: while rows are chosen, one is walked to, something is typed, or the page is scrolled, a bar says how many are new instead.
(() => {
  "use strict";
  const aloud = document.querySelector("[data-live]");
  if (!aloud) return;
  const { live: address, liveWorker: worker, liveUser: user, ...texts } = aloud.dataset;
  const SETTLE_MS = 120; // what comes together is fetched once
  const LEAST_MS = 2000; // between two fetches
  const SHARE = 20; // a page spends at most a twentieth of the time on fetching
  const STILL_MS = 4000; // who has not moved the pointer over the list for so long is not about to press anything there
  const LOST_MS = 6000; // a connection that is back sooner was not worth a word
  const MARKED_MS = 4000; // a row that came is marked so long
  const key = `desk:live:${user}`;
  const title = document.title;
  const page = document.querySelector("[data-live-page]");
  let told = { unseen: 0, number: null };
  let waiting = false; // whether something came that the lists do not show yet
  let timer = 0;
  let next = 0;
  let movedAt = 0;
  const cameAt = new Map(); // when each row came that was not there when the page was opened

  const said = (count) => (count === 1 ? texts.one : texts.many.replace("{n}", count > 99 ? "99+" : count));

  const read = page?.dataset.liveNumber === undefined ? null : Number(page.dataset.liveNumber);

  function kept() {
    let found = null;
    try {
      found = JSON.parse(localStorage.getItem(key));
    } catch {
      // Then it is heard from this page on.
    }
    return read !== null && read >= (found?.number ?? 0) ? { unseen: 0, number: read } : found;
  }

  function keep() {
    const { unseen, number } = told;
    try {
      localStorage.setItem(key, JSON.stringify({ unseen, number }));
    } catch {
      // A browser that keeps nothing counts from each page on.
    }
  }

  function hear(news) {
    told = news;
    keep();
    show();
    if (news.came && page) {
      waiting = true;
      plan();
    }
  }

  function show() {
    const { unseen } = told;
    const number = unseen > 99 ? "99+" : String(unseen);
    document.title = unseen ? `(${number}) ${title}` : title;
    document.querySelectorAll("[data-live-count]").forEach((node) => {
      node.hidden = !unseen;
      node.firstElementChild.textContent = number;
    });
    clearTimeout(show.lost);
    const mark = document.querySelector("[data-live-off]");
    if (told.lost) show.lost = setTimeout(() => (mark.hidden = false), told.ended ? 0 : LOST_MS);
    else mark.hidden = true;
    const bar = document.querySelector("[data-live-bar]");
    if (bar && waiting && !bar.hidden) bar.querySelector("[data-live-said]").textContent = unseen ? said(unseen) : texts.changed;
  }

  // ---- Lists that follow -------------------------------------------------------------------------------------------

  function working() {
    const active = document.activeElement;
    return (
      Boolean(page.querySelector("input[type=checkbox]:checked:not([data-col]), tr.cur")) ||
      Boolean(document.querySelector("dialog[open], .pop:not([hidden])")) ||
      (active !== null && active.matches("input, select, textarea") && !active.matches("[type=checkbox]")) ||
      scrollY > 80 ||
      (page.querySelector("table:hover") !== null && Date.now() - movedAt < STILL_MS)
    );
  }

  function plan() {
    clearTimeout(timer);
    if (!waiting || document.hidden) return;
    if (working()) {
      offer();
      timer = setTimeout(plan, 1000);
    } else timer = setTimeout(bring, Math.max(SETTLE_MS, next - Date.now()));
  }

  function offer() {
    const bar = page.querySelector("[data-live-bar]");
    if (!bar || !bar.hidden) return;
    bar.hidden = false;
    show();
  }

  async function bring() {
    if (working()) plan();
    else await fetched(working);
  }

  // `kept` says whether the hands of who works lie on the list by now: then what was fetched is let go, and offered.
  async function fetched(kept) {
    waiting = false;
    const began = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { "X-Live": "1" }, redirect: "error" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (kept()) {
        waiting = true;
        return;
      }
      swap(fresh);
    } catch {
      waiting = true; // it is tried with the next news
      return;
    } finally {
      next = Date.now() + Math.max(LEAST_MS, SHARE * (Date.now() - began));
      if (waiting) plan();
    }
    const count = told.unseen;
    aloud.textContent = count ? said(count) : "";
    if (page.dataset.livePage === "alerts") post({ seen: true });
  }

  function swap(fresh) {
    const names = new Set([...page.querySelectorAll("tr[data-id]")].map((row) => row.dataset.id));
    const isNew = (row) => {
      if (!names.has(row.dataset.id)) cameAt.set(row.dataset.id, Date.now());
      return Date.now() - (cameAt.get(row.dataset.id) ?? 0) < MARKED_MS;
    };
    page.querySelectorAll("[data-live-part]").forEach((part) => {
      const now = fresh.querySelector(`[data-live-part="${CSS.escape(part.dataset.livePart)}"]`);
      if (!now) return;
      const node = document.adoptNode(now);
      node.querySelectorAll("tr[data-id]").forEach((row) => row.classList.toggle("live-new", isNew(row)));
      part.replaceWith(node);
      window.htmx?.process(node);
      document.dispatchEvent(new CustomEvent("htmx:afterSettle", { detail: { elt: node, target: node } }));
    });
    const bar = page.querySelector("[data-live-bar]");
    if (bar) bar.hidden = true;
  }

  document.addEventListener("pointermove", () => (movedAt = Date.now()), { passive: true });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) plan();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-live-show]")) return;
    page.querySelectorAll("tr.cur").forEach((row) => row.classList.remove("cur"));
    scrollTo({ top: 0 });
    fetched(() => false);
  });

  // ---- The connection ----------------------------------------------------------------------------------------------

  let post;
  if (window.SharedWorker && worker) {
    const { port } = new SharedWorker(worker, { name: key });
    port.onmessage = ({ data }) => hear(data);
    post = (message) => port.postMessage(message);
    post({ open: new URL(address, location.href).href, kept: kept(), read });
    addEventListener("pagehide", () => post({ leave: true }));
  } else {
    const source = new window.deskSource(address, kept(), hear);
    post = () => source.seen();
    addEventListener("pagehide", () => source.stream.close());
  }
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // a page from the browser's memory shows what was
  });
  if (page?.dataset.livePage === "alerts") post({ seen: true });
})();
