// The keyboard: / searches, ? lists the keys, j and k walk the rows, x chooses, Enter opens, [data-key] says its own.
// A key of the side menu (.side [data-key=o]) and one written "g o" comes after g; any other acts at once.
// Nothing is heard while something is typed or with Ctrl, Alt or Meta, so that the browser's own keys stay.
(() => {
  "use strict";
  const PREFIX_MS = 1200; // how long "g" waits for its second key
  let prefix = false;
  let forget = 0;

  const typing = (node) =>
    node.isContentEditable || (node.matches("input, select, textarea") && !node.matches("[type=checkbox], [type=radio]"));
  const rows = () => [...document.querySelectorAll("table[data-rows] > tbody > tr")].filter((row) => row.offsetParent);
  const current = () => document.querySelector("table[data-rows] > tbody > tr.cur");

  function walk(step) {
    const all = rows();
    if (!all.length) return;
    const from = all.indexOf(current());
    const to = from < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(from + step, 0), all.length - 1);
    all.forEach((row, place) => row.classList.toggle("cur", place === to));
    all[to].tabIndex = -1;
    all[to].focus({ preventScroll: true }); // a reader of screens follows
    all[to].scrollIntoView({ block: "nearest" });
  }

  function choose() {
    current()?.querySelector("input[type=checkbox]")?.click();
  }

  // Enter on a link or button is the browser's.
  function open() {
    if (!document.activeElement.matches("body, tr")) return false;
    const link = current()?.querySelector("a[href]");
    link?.click();
    return Boolean(link);
  }

  function search() {
    const field = document.querySelector("[data-find], .find");
    field?.focus();
    field?.select?.();
    return Boolean(field);
  }

  function help() {
    const box = document.querySelector("dialog#keys, dialog[data-keys]");
    if (box && !box.open) box.showModal();
    return Boolean(box);
  }

  const fixed = { "/": search, "?": help, j: () => walk(1), k: () => walk(-1), x: choose, Enter: open };

  function hear(key) {
    const said = CSS.escape(key);
    const goes = prefix;
    prefix = false;
    const target = document.querySelector(
      goes ? `.side [data-key="${said}"], [data-key="g ${said}"]` : `[data-key="${said}"]:not(.side *)`,
    );
    if (target) {
      if (!target.disabled) target.click();
      return true;
    }
    if (goes) return false;
    if (Object.hasOwn(fixed, key)) return fixed[key]() !== false;
    prefix = key === "g";
    clearTimeout(forget);
    forget = setTimeout(() => (prefix = false), PREFIX_MS);
    return false;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (hear(event.key)) event.preventDefault();
  });
})();
