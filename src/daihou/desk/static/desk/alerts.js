// The inbox: what the chosen rows owe together, which acts they allow, and the keys that act on the row under the keyboard.
(() => {
  "use strict";
  const form = () => document.querySelector("form#alerts");
  const boxes = () => [...document.querySelectorAll("table.inbox > tbody input[name=ids]")];
  const current = () => document.querySelector("table.inbox > tbody > tr.cur");

  function tick(box, on) {
    if (box.checked === on || box.disabled) return;
    box.checked = on;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Minor units as an amount with its decimals and in threes; whole numbers all the way.
  function amount(minor) {
    const places = Number(form().dataset.places);
    const digits = minor.toString().padStart(places + 1, "0");
    const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
    return places ? `${whole}.${digits.slice(-places)}` : whole;
  }

  function tell() {
    if (!form()) return;
    const rows = boxes().filter((box) => box.checked).map((box) => box.closest("tr"));
    const sum = rows.reduce((all, row) => all + BigInt(row.dataset.exposure), 0n);
    document.querySelectorAll("[data-sum]").forEach((node) => (node.textContent = amount(sum)));
    const red = rows.some((row) => row.dataset.level === "red");
    document.querySelectorAll("[data-no-red]").forEach((button) => {
      const words = button.querySelector("[data-words]");
      words.dataset.usual ??= words.textContent;
      button.disabled = red;
      words.textContent = red ? button.dataset.noRed : words.dataset.usual;
    });
  }

  // Whoever has chosen nothing means the row under the keyboard; without one, nothing is done.
  function chosen(event) {
    if (boxes().some((box) => box.checked)) return;
    const box = current()?.querySelector("input[name=ids]");
    if (box) tick(box, true);
    if (!box || box.disabled || event.target.closest("button").disabled) event.preventDefault();
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("table.inbox input[type=checkbox]")) tell();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-chosen]")) chosen(event);
    if (event.target.closest("[data-none]")) boxes().forEach((box) => tick(box, false));
    if (event.target.closest("[data-claim-row]")) (current() ?? document).querySelector("[data-claim]")?.click();
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.matches("table.inbox input[type=checkbox]") && event.key === "Enter") event.preventDefault(); // else it sends the form
    if (event.key === "Escape" && !document.querySelector("dialog[open], .pop:not([hidden])")) {
      boxes().forEach((box) => tick(box, false));
    }
  });

  document.addEventListener("DOMContentLoaded", tell); // a browser that goes back keeps what was ticked
})();
