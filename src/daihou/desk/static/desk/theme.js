// Light or dark: settled before the first paint, so it is loaded in <head> without defer.
// <html data-theme="light|dark|auto"> is the user's choice; data-bs-theme is what holds now.
// Whoever draws with colours listens to "desk:theme" on document.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  let printing = false;

  function settle() {
    const chosen = root.dataset.theme || "auto";
    const now = printing ? "light" : chosen === "auto" ? (system.matches ? "dark" : "light") : chosen;
    if (root.dataset.bsTheme === now) return;
    root.dataset.bsTheme = now;
    document.dispatchEvent(new CustomEvent("desk:theme", { detail: now }));
  }

  // Paper is white; the charts are drawn anew for it and after it.
  function print(begins) {
    printing = begins;
    settle();
  }

  // The choice holds at once; the server keeps it for the next page. A failed request costs only that.
  function toggle(button) {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    settle();
    const form = button.closest("form");
    const url = button.dataset.url || (form && form.action);
    if (!url) return;
    const body = form ? new FormData(form) : new FormData();
    body.set("theme", next);
    // The answer leads back to this page, which is already as it should be.
    fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token() }, redirect: "manual" }).catch(() => {});
  }

  // A page carries the token in a form's hidden field or in <meta name="csrf-token">; the cookie is closed to scripts.
  function token() {
    const field = document.querySelector("input[name=csrfmiddlewaretoken]");
    const meta = document.querySelector("meta[name=csrf-token]");
    return field ? field.value : meta ? meta.content : "";
  }

  settle();
  system.addEventListener("change", settle);
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act=theme]");
    if (!button) return;
    event.preventDefault(); // without scripts the form around the button is sent
    toggle(button);
  });
})();
