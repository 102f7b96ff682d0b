// Lists: which columns show, which rows are chosen, long choices with a search, filters that submit themselves, links to copy.
(() => {
  "use strict";
  const each = (root, selector, act) => {
    if (root.matches?.(selector)) act(root);
    root.querySelectorAll(selector).forEach(act);
  };

  // Columns: <input type=checkbox data-col="c-org"> shows and hides the cells of class c-org. What was chosen is kept
  // in the browser by the name in [data-columns]; without a name it holds for this page alone.
  function kept(box) {
    const list = box.closest("[data-columns]");
    return list && list.dataset.columns && `desk:columns:${list.dataset.columns}`;
  }

  function show(box) {
    document.querySelectorAll(`.${CSS.escape(box.dataset.col)}`).forEach((cell) => (cell.hidden = !box.checked));
  }

  function remember(box) {
    const name = kept(box);
    if (!name) return;
    const boxes = [...box.closest("[data-columns]").querySelectorAll("[data-col]")];
    const chosen = Object.fromEntries(boxes.map((one) => [one.dataset.col, one.checked]));
    try {
      localStorage.setItem(name, JSON.stringify(chosen));
    } catch {
      // A browser that keeps nothing still shows and hides.
    }
  }

  function recall(box) {
    const name = kept(box);
    try {
      const chosen = name && JSON.parse(localStorage.getItem(name));
      if (chosen && box.dataset.col in chosen) box.checked = chosen[box.dataset.col];
    } catch {
      // What cannot be read is as good as never kept.
    }
    show(box);
  }

  // A form of columns to be chosen on the server: form[data-columns] keeps the names of its ticked boxes in its field
  // "cols", those that were there in their order and new ones after them.
  function columns(form) {
    const field = form.elements.cols;
    const ticked = [...form.querySelectorAll("input[type=checkbox][value]")].filter((box) => box.checked).map((box) => box.value);
    const before = field.value.split(",").filter((name) => ticked.includes(name));
    field.value = [...before, ...ticked.filter((name) => !before.includes(name))].join(",");
  }

  // form[data-tidy] leaves what is empty out of the address and says several values of one name as a,b.
  function tidy(form) {
    const asked = new FormData(form);
    const said = new URLSearchParams();
    new Set(asked.keys()).forEach((name) => {
      const values = asked.getAll(name).filter((value) => value !== "");
      if (values.length) said.set(name, values.join(","));
    });
    const to = new URL(form.getAttribute("action") || location.pathname, location.href);
    to.search = said;
    location.assign(to);
  }

  // Chosen rows: [data-all] chooses the page, [data-picked] counts, [data-bulk] shows while there are any,
  // [data-matching] (choose all that match, on every page) while the whole page is chosen.
  function count() {
    const boxes = [...document.querySelectorAll("table[data-rows] > tbody input[type=checkbox]")];
    const chosen = boxes.filter((box) => box.checked);
    const whole = boxes.length > 0 && chosen.length === boxes.length;
    boxes.forEach((box) => box.closest("tr").classList.toggle("on", box.checked));
    document.querySelectorAll("[data-picked]").forEach((node) => (node.textContent = chosen.length));
    document.querySelectorAll("[data-bulk]").forEach((node) => (node.hidden = !chosen.length));
    document.querySelectorAll("[data-all]").forEach((box) => {
      box.checked = whole;
      box.indeterminate = chosen.length > 0 && !whole;
    });
    document.querySelectorAll("[data-matching]").forEach((node) => {
      node.hidden = !whole;
      const all = node.querySelector("input");
      if (all && !whole) all.checked = false; // else rows that nobody sees would be acted on
    });
  }

  // Long choices: <select data-choose [data-url] [data-none]>. With data-url the options come from there as typed (?q=),
  // as JSON [{value, text}, …].
  function choose(select) {
    if (select.tomselect || !window.TomSelect) return;
    const { url, none } = select.dataset;
    new window.TomSelect(select, {
      plugins: select.multiple ? ["remove_button"] : [],
      maxOptions: 200,
      create: false,
      refreshThrottle: 0, // else Enter right after typing takes an option of the list before
      // The select keeps the value but is no longer what is operated: its label now names the box in its place.
      onInitialize: () => select.setAttribute("aria-hidden", "true"),
      ...(select.multiple ? { hidePlaceholder: true } : {}),
      ...(url ? { valueField: "value", labelField: "text", searchField: [], load: (said, done) => ask(url, said, done) } : {}),
      render: {
        // Text, never markup: names come from the bank's data.
        option: (data, escape) => `<div>${escape(data.text)}</div>`,
        item: (data, escape) => `<div>${escape(data.text)}</div>`,
        no_results: (_, escape) => `<div class="no-results">${escape(none || "—")}</div>`,
      },
    });
  }

  function ask(url, said, done) {
    const address = new URL(url, location.href);
    address.searchParams.set("q", said);
    fetch(address, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : []))
      .then(done, () => done());
  }

  // <button data-copy="text">; empty copies the page's address. data-copied is what it says for two seconds.
  async function copy(button) {
    const text = button.dataset.copy || location.href;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copyByHand(text); // within a bank's network the desk may run without TLS, where there is no clipboard
    }
    if (!button.dataset.copied || button.dataset.was) return;
    button.dataset.was = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => {
      button.textContent = button.dataset.was;
      delete button.dataset.was;
    }, 2000);
  }

  function copyByHand(text) {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }

  // <div class="seg"><button data-kind="all|pay|…" aria-pressed>: shows only such li[data-kind] of the same card.
  function only(button) {
    const card = button.closest(".card") || document;
    card.querySelectorAll("button[data-kind]").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
    card.querySelectorAll("li[data-kind]").forEach((item) => {
      item.hidden = button.dataset.kind !== "all" && item.dataset.kind !== button.dataset.kind;
    });
  }

  function dress(root) {
    each(root, "[data-col]", recall);
    each(root, "select[data-choose]", choose);
    each(root, ".strip-w", (strip) => (strip.scrollLeft = strip.scrollWidth)); // on a phone the newest months first
    each(root, ".strip-w, .tw", (box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; // so that the keyboard can scroll it
    });
    count();
  }

  document.addEventListener("change", (event) => {
    const { target } = event;
    if (target.matches("[data-col]")) {
      show(target);
      remember(target);
    } else if (target.matches("[data-all]")) {
      const boxes = target.closest("table").querySelectorAll("tbody input[type=checkbox]");
      boxes.forEach((box) => (box.checked = target.checked));
      count();
    } else if (target.matches("table[data-rows] > tbody input[type=checkbox]")) {
      count();
    }
    const form = target.form ?? target.closest("form");
    if (form?.matches("[data-columns]") && form.elements.cols) columns(form);
    if (form?.matches("[data-auto]")) form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    const copied = event.target.closest("[data-copy]");
    const kind = event.target.closest("button[data-kind]");
    if (copied) {
      event.preventDefault();
      copy(copied);
    }
    if (kind) only(kind);
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-tidy]")) return;
    event.preventDefault();
    tidy(event.target);
  });

  document.addEventListener("DOMContentLoaded", () => dress(document));
  document.addEventListener("htmx:afterSettle", (event) => event.detail.elt instanceof Element && dress(event.detail.elt));
})();
