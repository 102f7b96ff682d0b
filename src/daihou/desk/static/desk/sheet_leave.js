// Signing out takes what forms of reviews keep on this device along: answers, pieces and pages. Where something was not sent yet, it asks first.
(() => {
  "use strict";
  const words = document.currentScript.dataset.waits;
  const PATIENCE_MS = 2000;

  async function leave(form) {
    const store = window.sheetStore;
    const waiting = await store.waiting().catch(() => 0);
    if (waiting && !window.confirm(words.replace("{n}", waiting))) return;
    const names = "caches" in window ? (await caches.keys()).filter((name) => name.startsWith("daihou-sheet")) : [];
    const gone = Promise.allSettled([store.forgetAll(), ...names.map((name) => caches.delete(name))]);
    await Promise.race([gone, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
    form.submit();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    // Who breaks off at the second factor was not signed in yet: what they entered before waits for them.
    if (!form.matches("form[action$='/accounts/logout/']:not(#logout-from-stage)") || !window.indexedDB) return;
    event.preventDefault();
    leave(form);
  });
})();
