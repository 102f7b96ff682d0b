// Signing out takes what forms of reviews keep on this device along: who leaves' answers and pieces, and all pages. Where something of theirs was not sent yet,
// it asks first; what others entered stays for them, and is told. Where somebody is to sign in no page is kept.
(() => {
  "use strict";
  const { user, waits, others, signIn } = document.currentScript.dataset;
  const PAGES = "daihou-sheet-pages";
  const PATIENCE_MS = 2000;

  async function leave(form) {
    const store = window.sheetStore;
    const leaver = Number(user);
    const own = await store.waiting((one) => one === leaver).catch(() => 0);
    const left = await store.waiting((one) => one !== leaver).catch(() => 0);
    const told = [own && waits.replace("{n}", own), left && others.replace("{n}", left)].filter(Boolean).join("\n\n");
    if (own ? !window.confirm(told) : told && window.alert(told)) return;
    const names = "caches" in window ? (await caches.keys()).filter((name) => name.startsWith("daihou-sheet")) : [];
    const gone = Promise.allSettled([store.forgetUser(leaver), ...names.map((name) => caches.delete(name))]);
    await Promise.race([gone, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
    form.submit();
  }

  if (window.location.pathname === signIn && "caches" in window) caches.delete(PAGES);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // Who breaks off at the second factor was not signed in yet: what they entered before waits for them.
    if (!form.matches("form[action$='/accounts/logout/']:not(#logout-from-stage)") || !window.indexedDB) return;
    event.preventDefault();
    leave(form);
  });
})();
