// The form of a review: saved as it is filled in, and without a network kept on this device (sheet_store.js) and sent once there is one again. Questions come
// and go by the answers (sheet_walk.js), pieces go their own way (sheet_pieces.js); a worker keeps the page itself (sheet_worker.js). Where somebody else saved
// meanwhile, what waits is put back as far as they answered something else (sheet_merge.js), and the rest is told.
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
  const kinds = Object.fromEntries(walked.questions.map((one) => [one.id, one.kind]));
  const { post, Away, Failed } = window.sheetSending(form);
  const { texts, drawn, put, told } = window.sheetControls;
  const questions = document.getElementById("sheet");
  let timer = 0;
  let failures = 0;
  let busy = null; // the promise of what is being sent
  let dirty = false;
  let changed = new Set(); // questions that wait to be sent
  let going = new Set(); // those that are being sent
  let uid = store.uid(); // of all saves until one is answered: one whose answer was lost may have arrived all the same
  let tooSoon = false; // whether somebody wanted to finish without a network
  let trouble = false; // whether the server answers with something else than a form
  let stood = drawn(form); // the answers that the server has, by question
  let bases = {}; // of what waits: what the server may have had when it was typed
  let lost = []; // what somebody else answered meanwhile: {question, label, now, typed}, as people read it
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
        const how = { version: words.version, revision: revision(), stood, bases, lost, uid, pieces: lists };
        return store.keepSheet({ user, sheet, ...how, fields: fields(), waits, changed: waiting });
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
    return kept;
  }

  function count() {
    const line = form.querySelector("[data-queue]");
    const waiting = pieces.waiting();
    const parts = [];
    if (changed.size || waiting) parts.push(words.waiting.replace("{answers}", changed.size).replace("{pieces}", waiting));
    if (pieces.refused()) parts.push(words.refusedLeft.replace("{n}", pieces.refused()));
    if (tooSoon) parts.push(words.finishLater);
    if (pieces.elsewhere()) parts.push(words.refusedElsewhere.replace("{n}", pieces.elsewhere()));
    line.textContent = parts.join(" · ");
    line.hidden = parts.length === 0;
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
    const own = words.savedUid !== "" && kept.uid === words.savedUid; // the last save is this device's, whose answer it did not hear
    const newer = device && kept.revision > revision();
    const same = kept.version === words.version && (kept.revision === revision() || own || newer);
    lost = kept.lost ?? [];
    if (same && device && kept.revision >= revision()) {
      // The page is a copy from before the last saves: what was saved since stands in what was kept.
      document.querySelectorAll("[data-revision]").forEach((field) => (field.value = kept.revision));
      [lists, stood] = [kept.pieces, kept.stood ?? stood];
      for (const [question, html] of Object.entries(lists)) drawList(question, html);
    }
    uid = kept.uid;
    if (same && (kept.waits || device)) {
      for (const [question, values] of Object.entries(held(kept.fields))) if (!changed.has(question)) put(form, question, values);
    }
    if (kept.waits) await resume(kept, same);
    walk();
    form.dispatchEvent(new Event("sheet:restored"));
    tell();
  }

  // What waited goes on waiting, unless somebody else answered it meanwhile: what they said stands, and the page says what was typed.
  async function resume(kept, same) {
    let back = kept.changed;
    if (!same) {
      const typed = Object.entries(held(kept.fields)).filter(([question]) => kept.changed.includes(question) && !changed.has(question));
      const merged = window.sheetMerge.merged(Object.fromEntries(typed), kept.bases ?? {}, stood, kinds);
      const refused = Object.keys(merged.back).filter((question) => !put(form, question, merged.back[question]));
      for (const question of refused) {
        put(form, question, stood[question]);
        merged.lost.push({ question, typed: merged.back[question], now: stood[question] });
      }
      back = Object.keys(merged.back).filter((question) => !refused.includes(question));
      const names = new Set(merged.lost.map((one) => one.question));
      lost = [...lost.filter((one) => !names.has(one.question)), ...merged.lost.map(asPeopleRead)];
    }
    bases = { ...Object.fromEntries(back.map((question) => [question, kept.bases?.[question] ?? []])), ...bases };
    changed = new Set([...back, ...changed]);
    dirty = dirty || same || changed.size > 0;
    if (!same) restored.then(() => remember(dirty));
  }

  // The texts of the questions that were asked, by question.
  function held(kept) {
    const asked = kept.filter(([name]) => name === "asked").map(([, question]) => question);
    const of = (question) => kept.filter(([name, value]) => name === `a.${question}` && value !== "").map(([, value]) => value);
    return Object.fromEntries(asked.map((question) => [question, of(question)]));
  }

  function asPeopleRead({ question, typed, now }) {
    const line = lineOf(question);
    const read = (values) => told(line, values, words.placeWords);
    return { question, label: line?.querySelector("legend").firstChild.textContent.trim() ?? question, typed: read(typed), now: read(now) };
  }

  function tell() {
    const note = document.querySelector("[data-lost]");
    note.hidden = lost.length === 0;
    const line = ({ label, now, typed }) => words.lostLine.replace("{question}", () => label).replace("{now}", () => now).replace("{typed}", () => typed);
    note.querySelector("ul").replaceChildren(
      ...lost.map((one) => {
        const item = document.createElement("li");
        item.textContent = line(one);
        return item;
      }),
    );
  }

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
    for (const question of going) (bases[question] ??= [stood[question] ?? []]).push(texts(form, question)); // it may arrive unheard
    said(words.saving, false);
    try {
      const answer = await post(words.save, stated());
      if (![200, 409, 422].includes(answer.status)) throw new Failed(answer.status);
      const fresh = formOf(await answer.text());
      uid = store.uid();
      if (answer.status !== 200) changed = new Set([...going, ...changed]);
      going = new Set();
      if (answer.status === 409) {
        await remember(true);
        window.location.reload();
        return false;
      }
      online();
      if (answer.status === 200) {
        stood = drawn(fresh);
        bases = Object.fromEntries([...changed].map((question) => [question, [stood[question] ?? []]]));
      }
      const text = window.sheetBring(fresh, !dirty, answer.status === 200);
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

  const formOf = (html) => new DOMParser().parseFromString(html, "text/html").getElementById("sheet");

  // Without a network, and where the server has a trouble that may pass, it is tried again; where it refuses for good only once somebody comes back to the page.
  async function failed(failure) {
    clearTimeout(timer);
    const kept = await (dirty ? keep() : remember(false));
    trouble = failure instanceof Away || failure instanceof Failed;
    if (trouble) tooSoon = false;
    if (failure instanceof Away) away(failure.message);
    if (failure instanceof Failed) {
      const why = (failure.final ? words.refusedBy : words.failing).replace("{status}", failure.status);
      said(`${why} ${kept ? words.stays : words.unkept}`, true);
    }
    count();
    failures += 1;
    if (!failure.final) later(AGAIN_MS[Math.min(failures, AGAIN_MS.length) - 1]);
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
    tooSoon = trouble = false;
    document.querySelector("[data-from-device]").hidden = true;
  }

  const pieces = window.sheetPieces({
    form, user, sheet, post, Failed, failed,
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
    tooSoon = pieces.refused() === 0 && !trouble;
    count();
  }

  async function finish() {
    const button = form.querySelector(".foot button.btn-primary");
    button.disabled = questions.inert = true; // what would be entered now would come too late
    let over = false;
    try {
      clearTimeout(timer);
      if (!(await flush()) || pieces.refused()) {
        putOff();
        return;
      }
      const answer = await post(words.finish, stated());
      if (![200, 409, 422].includes(answer.status)) throw new Failed(answer.status);
      over = answer.status !== 422;
      uid = store.uid();
      await remember(false);
      if (answer.status === 409) return void window.location.reload();
      if (answer.status === 422) {
        window.sheetBring(formOf(await answer.text()), true, false);
        (document.querySelector("[data-trouble]") ?? form).scrollIntoView({ block: "center" });
        return;
      }
      const { to } = await answer.json();
      await writing;
      await store.forget(user, sheet).catch(() => {});
      navigator.serviceWorker?.controller?.postMessage({ forgotten: words.page });
      window.location.assign(to);
    } catch (failure) {
      over = false;
      await failed(failure);
      putOff();
    } finally {
      button.disabled = questions.inert = over;
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
    const question = event.target.name.slice(2);
    dirty = true;
    if (!changed.has(question) && !going.has(question)) bases[question] = [stood[question] ?? []];
    changed.add(question);
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
  document.querySelector("[data-lost] button").addEventListener("click", () => {
    lost = [];
    tell();
    remember(dirty || busy !== null);
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
