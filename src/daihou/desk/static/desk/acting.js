// Acting on an alert: the note as a draft in this browser until it is sent, Ctrl+Enter sends, a form is sent once,
// an act that opens is ready to be typed in, and @ offers the people who see the alert.
(() => {
  "use strict";
  const DRAFTS = "desk:draft:";
  const KEPT_MS = 14 * 24 * 3600 * 1000; // drafts that nobody came back to
  const REST_MS = 400; // after the last key a draft is kept
  const ASK_MS = 150; // and people are asked for
  const SENT_MS = 5000; // how long a form that was sent is not sent again

  const store = {
    read(name) {
      try {
        return JSON.parse(localStorage.getItem(name));
      } catch {
        return null; // what cannot be read is as good as never kept
      }
    },
    write(name, value) {
      try {
        if (value) localStorage.setItem(name, JSON.stringify({ ...value, at: Date.now() }));
        else localStorage.removeItem(name);
      } catch {
        // A browser that keeps nothing still sends.
      }
    },
    prune() {
      try {
        Object.keys(localStorage)
          .filter((name) => name.startsWith(DRAFTS))
          .forEach((name) => Date.now() - (store.read(name)?.at ?? 0) > KEPT_MS && localStorage.removeItem(name));
      } catch {
        // Nothing is kept, so nothing is old.
      }
    },
  };

  // Drafts: by user and alert, with the revision that was looked at. One that was sent and came back at the same revision was
  // refused, and stands in its field again; one that was sent and is past was taken.
  function draft(form) {
    const field = form.elements.note;
    const told = document.querySelector("[data-draft-told]");
    const name = DRAFTS + form.dataset.draft;
    const revision = Number(form.elements.revision.value);
    const kept = store.read(name);
    const tell = () => told && (told.textContent = field.value ? told.dataset.kept : "");
    if (!field) return;
    if (kept?.sent && kept.revision < revision) store.write(name, null);
    else if (kept?.text && !field.value && !field.disabled) {
      field.value = kept.text;
      tell();
    }
    let waiting = 0;
    const keep = (sent) => {
      clearTimeout(waiting);
      store.write(name, field.value.trim() ? { text: field.value, revision, sent } : null);
    };
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        keep(false);
        tell();
      }, REST_MS);
    });
    form.addEventListener("submit", () => keep(true));
  }

  // The page that says why nothing was done hands the words back to the alert.
  function carry(field) {
    store.write(DRAFTS + field.dataset.carry, { text: field.value, revision: 0, sent: false });
  }

  // Whom an @ before the caret may mean.
  const begun = (field) => /(?:^|[^A-Za-z0-9._+/-])@([\p{L}\p{N}_.+-]*)$/u.exec(field.value.slice(0, field.selectionStart));

  function mention(field) {
    const list = field.parentElement.querySelector(".offered");
    let waiting = 0;
    let asked = 0;
    let at = -1;
    list.id ||= "offered";
    field.setAttribute("aria-controls", list.id);

    const options = () => [...list.children];
    const close = () => {
      list.hidden = true;
      at = -1;
      field.removeAttribute("aria-activedescendant");
    };
    const mark = (place) => {
      at = place;
      options().forEach((option, here) => option.setAttribute("aria-selected", String(here === at)));
      field.setAttribute("aria-activedescendant", options()[at].id);
      options()[at].scrollIntoView({ block: "nearest" });
    };
    const take = (option) => {
      const found = begun(field);
      if (found) {
        const start = field.selectionStart - found[1].length;
        field.setRangeText(`${option.dataset.name} `, start, field.selectionStart, "end");
      }
      close();
      field.focus();
    };
    const show = (people) => {
      list.replaceChildren(
        ...people.map(({ value, text }, place) => {
          const option = document.createElement("li");
          const name = document.createElement("b");
          name.textContent = text;
          option.id = `offered-${place}`;
          option.setAttribute("role", "option");
          option.dataset.name = value;
          option.append(name, ` @${value}`);
          return option;
        }),
      );
      list.hidden = !people.length;
      if (people.length) mark(0);
    };
    const ask = async (said) => {
      const mine = ++asked;
      const address = new URL(field.dataset.people, location.href);
      address.searchParams.set("q", said);
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        const people = answer.ok ? await answer.json() : [];
        if (mine === asked && begun(field)) show(people);
      } catch {
        close();
      }
    };

    field.addEventListener("input", () => {
      clearTimeout(waiting);
      const found = begun(field);
      if (found) waiting = setTimeout(() => ask(found[1]), ASK_MS);
      else close();
    });
    field.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      const count = options().length;
      if (event.key === "ArrowDown") mark((at + 1) % count);
      else if (event.key === "ArrowUp") mark((at - 1 + count) % count);
      else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") take(options()[at]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    field.addEventListener("blur", () => setTimeout(close, REST_MS)); // a press on an option comes first
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]");
      event.preventDefault();
      if (option) take(option);
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      const form = event.target.closest("form") ?? document.querySelector("form[data-draft]");
      const button = form?.querySelector("button:not([type=button]):not(:disabled)");
      if (button?.closest("[data-act], .beside, #customer, #tasks")) {
        event.preventDefault();
        form.requestSubmit(button);
      }
    }
    const open = event.key === "Escape" && event.target.closest(".beside details[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  // Sent once: the second press would find the alert changed, by the first.
  document.addEventListener("submit", (event) => {
    const { target: form } = event;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, SENT_MS); // a page that never came may be asked for again
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  // Of the acts beside the flow one is open, and ready to be typed in.
  document.addEventListener(
    "toggle",
    (event) => {
      if (!event.target.matches?.(".beside details") || !event.target.open) return;
      document.querySelectorAll(".beside details[open]").forEach((other) => (other.open = other === event.target));
      event.target.querySelector("select, input:not([type=hidden]), textarea")?.focus();
    },
    true,
  );

  store.prune();
  document.querySelectorAll("form[data-draft]").forEach(draft);
  document.querySelectorAll("[data-carry]").forEach(carry);
  document.querySelectorAll("textarea[data-people]").forEach(mention);
})();
