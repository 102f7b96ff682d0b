// The page of a draft: colours in its conditions, what is typed checked and kept, a misspelt name replaced by the one meant.
(() => {
  "use strict";
  const CHECK_MS = 350; // after the last key, conditions are checked
  const KEEP_MS = 1200; // and the draft is kept
  const form = document.querySelector("form[data-draft]");
  if (!form) return;

  const TOKEN = /('(?:[^']|'')*')|\b(and|or|not|in|between|is|null)\b|([<>=!]+|[-+*])|(\d[\d.]*%?)|([A-Za-z_]\w*)|([\s\S])/gi;
  let unknown = new Set();

  const span = (kind, text) => {
    const node = document.createElement("span");
    node.className = kind;
    node.textContent = text;
    return node;
  };

  // The words of a condition, each in the colour of its kind; those that no column has are marked.
  function colour(editor) {
    const parts = [...editor.querySelector("textarea").value.matchAll(TOKEN)].map(([text, string, word, sign, number, name]) => {
      if (word || sign) return span("o", text);
      if (string || number) return span("num", text);
      if (name) return span(unknown.has(name) ? "wrong" : "f", text);
      return document.createTextNode(text);
    });
    editor.querySelector("pre").replaceChildren(...parts, document.createTextNode("\n"));
    editor.classList.add("lit");
  }

  const colourAll = () => form.querySelectorAll("[data-editor]").forEach(colour);

  function learn() {
    const checked = document.querySelector("[data-checked]");
    unknown = new Set((checked?.dataset.unknown ?? "").split(" ").filter(Boolean));
    colourAll();
  }

  const later = (event, milliseconds) => {
    let waiting = 0;
    return (target) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => window.htmx?.trigger(target, event), milliseconds);
    };
  };
  const check = later("check", CHECK_MS);
  const keep = later("keep", KEEP_MS);

  form.addEventListener("input", (event) => {
    if (event.target.name === "without_backtest") return; // it belongs to the submission
    const editor = event.target.closest("[data-editor]");
    const checks = document.getElementById("check");
    if (editor) colour(editor);
    if (checks && (editor || event.target.name === "subject")) check(checks);
    keep(form);
  });

  // Enter in a line keeps the draft; it presses none of the buttons, of which the first would try it.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("input:not([type=checkbox])")) return;
    event.preventDefault();
    window.htmx?.trigger(form, "keep");
  });

  form.addEventListener("click", (event) => {
    const hint = event.target.closest("[data-replace]");
    if (!hint) return;
    const word = new RegExp(`(?<![\\w'])${hint.dataset.replace}(?![\\w'])`, "g");
    form.querySelectorAll("[data-editor] textarea").forEach((field) => {
      const replaced = field.value.replace(word, hint.dataset.with);
      if (replaced === field.value) return;
      field.value = replaced;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "check") learn();
  });
  learn();
})();
