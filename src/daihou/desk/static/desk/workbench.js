// The collector's screen: clocks that run down, the second row of outcomes with its keys, the promise echoed in the script,
// a call that opens by itself, and a warning before what was typed is left behind. Everything else is the server's and htmx's.
(() => {
  "use strict";
  const SECOND_MS = 1000;
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- Clocks: time[data-until] runs down to a moment; when one is there, the ways are asked for anew ----------------

  const two = (number) => String(number).padStart(2, "0");

  function left(ms) {
    const seconds = Math.max(Math.ceil(ms / 1000), 0);
    return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  }

  function tick() {
    let there = false;
    all("time[data-until]").forEach((clock) => {
      const ms = Date.parse(clock.dataset.until) - Date.now();
      clock.textContent = left(ms);
      if (ms > 0 || clock.dataset.over) return;
      clock.dataset.over = "1"; // asked once: a clock of ours that is ahead must not ask every second
      there = true;
    });
    all("time[data-zone]").forEach((clock) => {
      clock.textContent = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: clock.dataset.zone }).format(new Date());
    });
    const ways = find("#ways");
    if (there && ways) window.htmx?.trigger(ways, "desk:ways");
  }

  // ---- Outcomes: 1 and 6 open a row of their own, whose buttons then have the keys ----------------------------------

  function second(name) {
    const box = find("#outcome");
    if (!box) return;
    all("[data-second]", box).forEach((row) => {
      const open = row.dataset.second === name;
      row.hidden = !open;
      all("button[data-own-key]", row).forEach((button) => {
        if (open) button.dataset.key = button.dataset.ownKey;
        else delete button.dataset.key;
      });
    });
    all("[data-opens]", box).forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.opens === name)));
  }

  // What else an outcome asks for is shown with it: when to call back.
  function asks(button) {
    const field = find(button.dataset.asks);
    if (!field || field.value) return true;
    field.closest("[hidden]")?.removeAttribute("hidden");
    field.focus();
    return false;
  }

  // ---- The promise ---------------------------------------------------------------------------------------------------

  function fill(button) {
    const form = find("#calculator form");
    Object.entries(JSON.parse(button.dataset.fill)).forEach(([name, value]) => {
      const field = form.elements[name];
      if (!field) return;
      if (value) field.closest("[hidden]")?.removeAttribute("hidden");
      field.value = value;
    });
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // What the calculator last said stands in the last step of the script too, to be read back to the person.
  function echo() {
    const said = find("#calculated [data-echo]");
    all("[data-echoed]").forEach((place) => {
      place.hidden = !said;
      place.textContent = said ? said.dataset.echo : "";
    });
  }

  // ---- The page ------------------------------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-opens]");
    if (opens) second(opens.dataset.opens);
    const filled = event.target.closest("[data-fill]");
    if (filled) fill(filled);
    const going = event.target.closest("a[data-key=n]");
    const first = going && find("#outcome [data-first][hidden]");
    if (first) {
      event.preventDefault(); // a contact is under way: once, its outcome is asked for
      first.hidden = false;
      first.scrollIntoView({ block: "nearest" });
    }
    const asking = event.target.closest("[data-asks]");
    if (asking && !asks(asking)) event.preventDefault();
  });

  // A contact that is refused answers 409, with the fragment that says why: it is shown like any other.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (![409, 422].includes(event.detail.xhr.status)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  document.addEventListener("htmx:afterSettle", () => {
    const call = find("a[data-dial]");
    if (call && !call.dataset.opened) {
      call.dataset.opened = "1";
      call.click(); // the telephone of this machine takes it from here
    }
    echo();
    tick();
  });

  document.addEventListener("DOMContentLoaded", () => {
    find("a[data-dial]")?.setAttribute("data-opened", "1"); // a page loaded again does not dial again
    const row = find(".wb-rows [aria-current]");
    if (row) row.closest(".wb-rows").scrollTop = row.offsetTop - row.closest(".wb-rows").offsetTop; // the list alone, not the page
    second(find("#outcome")?.dataset.open ?? "conversation");
    echo();
    tick();
    setInterval(tick, SECOND_MS);
  });
})();
