/* The form of a review is saved as it is filled in. Without a network it is kept on this device, and sent once there is one again. */
(() => {
  const form = document.getElementById("filling");
  if (!form || !form.querySelector("fieldset:not([disabled])")) return;
  const place = `daihou-sheet-${form.dataset.save}`;
  const WAIT = 600, AGAIN = 4000;
  let timer = 0, busy = false, dirty = false;

  const fields = () => [...new FormData(form)].filter(([name]) => name.startsWith("a.") || name === "asked");

  const said = (text, waits) => {
    const line = form.querySelector("[data-saved]");
    line.classList.toggle("waits", waits);
    line.querySelector("span").textContent = text;
  };

  const remember = () => {
    localStorage.setItem(place, JSON.stringify({ revision: form.querySelector("[name=sheet]").value, fields: fields() }));
  };

  const keep = () => {
    remember();
    const now = new Date().toLocaleTimeString();
    said(form.dataset.kept.replace("{at}", now), true);
  };

  /* Put what was kept before the page was left back into its controls. Where somebody else saved since, it fills only what is empty: what stands, stands. */
  const restore = () => {
    const kept = JSON.parse(localStorage.getItem(place) || "null");
    if (!kept) return false;
    const same = kept.revision === form.querySelector("[name=sheet]").value;
    const answered = new Set(fields().filter(([name, value]) => name.startsWith("a.") && value !== "").map(([name]) => name));
    for (const control of form.querySelectorAll("[name^='a.']")) {
      if (!same && answered.has(control.name)) continue;
      const values = kept.fields.filter(([name]) => name === control.name).map(([, value]) => value);
      if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
      else if (values.length) control.value = values[0];
    }
    return true;
  };

  /* Bring the page to what the server says, and leave alone what somebody is typing into. */
  const bring = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("sheet");
    const here = document.getElementById("sheet");
    here.querySelector("[data-trouble]")?.remove();
    const trouble = fresh.querySelector("[data-trouble]");
    if (trouble) here.prepend(trouble.cloneNode(true));
    here.querySelector("[name=sheet]").value = fresh.querySelector("[name=sheet]").value;
    said(fresh.querySelector("[data-saved] span").textContent, false);
    const parts = new Map([...here.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
    let before = here.querySelector("[data-saved]");
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const old = parts.get(part.dataset.part);
      parts.delete(part.dataset.part);
      if (!old) {
        const made = part.cloneNode(true);
        before.after(made);
        before = made;
        continue;
      }
      old.querySelector("[data-far]").textContent = part.querySelector("[data-far]").textContent;
      questions(old, part);
      before = old;
    }
    parts.forEach((part) => part.remove());
  };

  const questions = (old, fresh) => {
    const known = new Map([...old.querySelectorAll("[data-q]")].map((one) => [one.dataset.q, one]));
    let before = old.querySelector("header");
    for (const one of fresh.querySelectorAll("[data-q]")) {
      let line = known.get(one.dataset.q);
      known.delete(one.dataset.q);
      if (line) {
        line.classList.toggle("invalid", one.classList.contains("invalid"));
        for (const part of ["[data-problem]", "[data-change]"]) {
          line.querySelector(part).textContent = one.querySelector(part).textContent;
          line.querySelector(part).hidden = one.querySelector(part).hidden;
        }
      } else {
        line = one.cloneNode(true);
        before.after(line);
      }
      before = line;
    }
    known.forEach((line) => line.remove());
  };

  const send = async () => {
    if (busy) return;
    busy = true;
    dirty = false;
    said(form.dataset.saving, false);
    try {
      const answer = await fetch(form.dataset.save, { method: "POST", body: new FormData(form), redirect: "error" });
      if (![200, 409, 422].includes(answer.status)) throw new Error(String(answer.status));
      const html = await answer.text();
      if (answer.status === 409) {
        remember();
        window.location.reload();
        return;
      }
      bring(html);
      if (dirty) keep();
      else localStorage.removeItem(place);
    } catch {
      keep();
      dirty = true;
    } finally {
      busy = false;
    }
    if (dirty) later(AGAIN);
  };

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  };

  form.addEventListener("input", () => {
    dirty = true;
    remember();
    later(WAIT);
  });
  window.addEventListener("online", () => {
    if (dirty) later(0);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    localStorage.removeItem(place);
  });
  if (restore()) {
    dirty = true;
    later(0);
  }
})();
