// The form of a review: saved as it is filled in, and without a network kept on this device (sheet_store.js) and sent once there is one again. Questions come
// and go by the answers (sheet_walk.js), pieces go their own way (sheet_pieces.js); a worker keeps the page itself (sheet_worker.js).
(() => {
  "use strict";
  const form = document.getElementById("filling");
  if (!form || form.dataset.keep === undefined) return;
  const WAIT = 600;
  const AGAIN_MS = [2000, 4000, 8000, 15000]; // an attempt without a network costs next to nothing
  const store = window.sheetStore;
  const words = form.dataset;
  const user = Number(words.user);
  const sheet = Number(words.sheet);
  const walked = JSON.parse(document.getElementById("walked").textContent);
  const { post, Away } = window.sheetSending(form);
  let timer = 0;
  let failures = 0;
  let busy = null; // the promise of what is being sent
  let dirty = false;
  let changed = new Set(); // questions that wait to be sent
  let going = new Set(); // those that are being sent
  let uid = store.uid(); // of all saves until one is answered: one whose answer was lost may have arrived all the same
  let tooSoon = false; // whether somebody wanted to finish without a network
  let lists = {}; // the lists of pieces that the server drew since the page was opened
  let restored = null; // the promise that what was kept is back
  let writing = null; // the last of what is written to the device

  const revision = () => Number(form.querySelector("[data-revision]").value);
  const fields = () => [...new FormData(form)].filter(([name]) => name.startsWith("a.") || name === "asked");
  const lineOf = (question) => form.querySelector(`[data-q="${CSS.escape(question)}"]`);

  function said(text, waits) {
    const line = form.querySelector("[data-saved]");
    line.classList.toggle("waits", waits);
    line.querySelector("span").textContent = text;
  }

  // Written one after the other, so that the newest stands last, and never before what was kept is back on the page.
  function remember(waits) {
    writing = writing
      .then(() => {
        const waiting = [...new Set([...going, ...changed])];
        return store.keepSheet({ user, sheet, version: words.version, revision: revision(), fields: fields(), waits, changed: waiting, uid, pieces: lists });
      })
      .then(
        () => true,
        () => false,
      );
    return writing;
  }

  async function keep() {
    const kept = await remember(true);
    if (dirty || busy === null) said(kept ? words.kept.replace("{at}", new Date().toLocaleTimeString()) : words.unkept, true);
    count();
  }

  function count() {
    const line = form.querySelector("[data-queue]");
    const waiting = pieces.waiting();
    const texts = [];
    if (changed.size || waiting) texts.push(words.waiting.replace("{answers}", changed.size).replace("{pieces}", waiting));
    if (pieces.refused()) texts.push(words.refusedLeft.replace("{n}", pieces.refused()));
    if (tooSoon) texts.push(words.finishLater);
    line.textContent = texts.join(" · ");
    line.hidden = texts.length === 0;
  }

  // Show what is asked by the answers on the page; what is not asked sends nothing and keeps what the server has.
  function walk() {
    const given = (question) =>
      [...lineOf(question).querySelectorAll(`[name="a.${CSS.escape(question)}"]`)]
        .filter((control) => !["radio", "checkbox"].includes(control.type) || control.checked)
        .map((control) => control.value);
    const asked = window.sheetWalk.asked(walked, given);
    for (const { id } of walked.questions) lineOf(id).hidden = lineOf(id).disabled = !asked.has(id);
    for (const part of form.querySelectorAll("[data-part]")) part.hidden = !part.querySelector("[data-q]:not([hidden])");
  }

  // Put what was kept before the page was left back into its controls.
  async function restore() {
    const kept = await store.sheet(user, sheet).catch(() => null);
    if (!kept) return;
    const device = words.shown === "device";
    const same = kept.version === words.version && (kept.revision === revision() || (device && kept.revision > revision()));
    if (same && device) {
      // The page is a copy from before the last saves: what was saved since stands in what was kept.
      document.querySelectorAll("[data-revision]").forEach((field) => (field.value = kept.revision));
      lists = kept.pieces;
      for (const [question, html] of Object.entries(lists)) drawList(question, html);
    }
    if (kept.waits || (same && device)) put(kept.fields, same);
    uid = kept.uid;
    if (kept.waits) {
      dirty = true;
      changed = new Set([...kept.changed, ...changed]);
    }
    walk();
    form.dispatchEvent(new Event("sheet:restored"));
  }

  // Where somebody else saved since (not `same`), it fills only what is empty: what stands, stands.
  function put(kept, same) {
    const asked = new Set(kept.filter(([name]) => name === "asked").map(([, value]) => `a.${value}`));
    const answered = new Set([...form.querySelectorAll("[name^='a.']")].filter(stands).map((control) => control.name));
    for (const control of form.querySelectorAll("[name^='a.']")) {
      if (!asked.has(control.name) || changed.has(control.name.slice(2)) || (!same && answered.has(control.name))) continue;
      const values = kept.filter(([name]) => name === control.name).map(([, value]) => value);
      if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
      else control.value = values[0] ?? "";
    }
  }

  const stands = (control) => (["radio", "checkbox"].includes(control.type) ? control.checked : control.value !== "");

  function drawList(question, html) {
    const fresh = new DOMParser().parseFromString(`<ul>${html}</ul>`, "text/html").querySelector("ul");
    lineOf(question)?.querySelector("[data-pieces]")?.replaceChildren(...fresh.childNodes);
  }

  function send() {
    busy ??= saved().finally(() => (busy = null));
    return busy;
  }

  // What the page says, with the id by which the server knows that what stands there was saved by this device, and not by somebody else.
  function stated() {
    const data = new FormData(form);
    data.set("save", uid);
    return data;
  }

  // Whether all that was typed is on the server.
  async function saved() {
    await restored;
    going = changed;
    dirty = false;
    changed = new Set();
    said(words.saving, false);
    try {
      const answer = await post(words.save, stated());
      if (![200, 409, 422].includes(answer.status)) throw new Error(String(answer.status));
      const html = await answer.text();
      uid = store.uid();
      if (answer.status !== 200) changed = new Set([...going, ...changed]);
      going = new Set();
      if (answer.status === 409) {
        await remember(true);
        window.location.reload();
        return false;
      }
      online();
      const text = window.sheetBring(form, html, !dirty);
      if (dirty) walk();
      if (answer.status === 422) {
        await keep(); // refused, not lost: the page says why
        return false;
      }
      said(text, false);
      if (dirty) await keep();
      else await remember(false);
      count();
    } catch (failure) {
      changed = new Set([...going, ...changed]);
      going = new Set();
      dirty = true;
      failed(failure);
      return false;
    }
    if (dirty) later(WAIT);
    return !dirty;
  }

  async function failed(failure) {
    if (dirty) await keep();
    if (failure instanceof Away) away(failure.message);
    failures += 1;
    later(AGAIN_MS[Math.min(failures, AGAIN_MS.length) - 1]);
  }

  // Nothing is sent until the same user has signed in again; what was entered stays.
  function away(why) {
    said(why === "signed-out" ? words.signedOut : words.otherUser, true);
    if (why !== "signed-out") return;
    const way = document.createElement("a");
    way.href = words.signIn;
    way.textContent = words.signInWords;
    form.querySelector("[data-saved] span").append(" ", way);
  }

  function online() {
    failures = 0;
    tooSoon = false;
    document.querySelector("[data-from-device]").hidden = true;
  }

  const pieces = window.sheetPieces({
    form, user, sheet, post, failed,
    changed: count,
    async drawn(question, html) {
      online();
      drawList(question, html);
      lists[question] = html;
      await remember(dirty || busy !== null);
    },
  }); // prettier-ignore

  // Answers and pieces at the same time; then, where pieces went, how far the form is by them.
  async function flush() {
    const sent = pieces.left() > 0;
    const done = await Promise.all([dirty ? send() : (busy ?? true), pieces.pump()]);
    if (!done.every(Boolean)) return false;
    return sent ? send() : true;
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(flush, wait);
  }

  function putOff() {
    tooSoon = pieces.refused() === 0;
    count();
  }

  async function finish() {
    const button = form.querySelector(".foot button");
    button.disabled = true;
    try {
      clearTimeout(timer);
      if (!(await flush()) || pieces.refused()) {
        putOff();
        return;
      }
      const answer = await post(words.finish, stated());
      uid = store.uid();
      await remember(false);
      if (answer.status === 409) return void window.location.reload();
      if (answer.status !== 200) {
        window.sheetBring(form, await answer.text(), true);
        (document.querySelector("[data-trouble]") ?? form).scrollIntoView({ block: "center" });
        return;
      }
      const { to } = await answer.json();
      await writing;
      await store.forget(user, sheet).catch(() => {});
      navigator.serviceWorker?.controller?.postMessage({ forgotten: words.page });
      window.location.assign(to);
    } catch (failure) {
      putOff();
      if (failure instanceof Away) away(failure.message);
    } finally {
      button.disabled = false;
    }
  }

  // The worker keeps the page and what it is made of. It comes after the first page, so it is told what that was.
  async function install() {
    if (!("serviceWorker" in navigator) || words.shown === "device") return;
    await navigator.serviceWorker.register(words.worker);
    const { active } = await navigator.serviceWorker.ready;
    const made = [...document.querySelectorAll("link[href], script[src], use")].map((node) => node.href?.baseVal ?? node.href ?? node.src);
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    const addresses = [...made, ...loaded].filter(Boolean).map((one) => new URL(one, window.location.href));
    const files = addresses.filter((one) => one.origin === window.location.origin).map((one) => one.origin + one.pathname);
    active.postMessage({ kept: words.page, files: [...new Set(files)] });
    navigator.storage?.persist?.();
  }

  form.addEventListener("input", (event) => {
    if (!event.target.name?.startsWith("a.")) return;
    dirty = true;
    changed.add(event.target.name.slice(2));
    walk();
    remember(true);
    count();
    later(WAIT);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    finish();
  });
  document.addEventListener("submit", async (event) => {
    if (!event.target.matches("[data-after-sending]")) return;
    event.preventDefault();
    if (await flush()) event.target.submit();
    else putOff();
  });
  window.addEventListener("online", () => {
    tooSoon = false;
    count();
    later(0);
  });
  document.addEventListener("visibilitychange", () => document.hidden || later(WAIT));
  document.querySelector("[data-from-device]").hidden = words.shown !== "device";
  install().catch(() => {}); // without a worker the page is not opened without a network, and all else goes on
  restored = writing = restore().catch(() => {}); // what cannot be restored must not hold up what is typed now
  restored
    .then(pieces.load)
    .then(() => {
      walk();
      if (dirty || pieces.left()) {
        if (words.shown === "device") keep();
        later(0);
      }
    });
})();
