// Brings the page of a form to what the server says, and leaves alone what somebody is typing into. Offers window.sheetBring(fresh, asked, saved): `fresh` is
// the form as the server draws it, `asked` whether its word on which questions are asked holds, as it does unless somebody typed on meanwhile, `saved` whether
// it has what the page says: of what was refused the page keeps the revision, so that it never writes over what somebody else saved since.
(() => {
  "use strict";

  window.sheetBring = (fresh, asked, saved) => {
    const here = document.getElementById("sheet");
    here.querySelector("[data-trouble]")?.remove();
    const trouble = fresh.querySelector("[data-trouble]");
    if (trouble) here.prepend(trouble.cloneNode(true));
    const revision = fresh.querySelector("[data-revision]").value;
    if (saved) document.querySelectorAll("[data-revision]").forEach((field) => (field.value = revision));
    follow(here, fresh, "[data-clock]");
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const old = here.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
      if (!old) continue;
      if (asked) old.hidden = part.hidden;
      old.querySelector("[data-far]").textContent = part.querySelector("[data-far]").textContent;
      for (const question of part.querySelectorAll("[data-q]")) bring(old, question, asked);
    }
    return fresh.querySelector("[data-saved] span").textContent;
  };

  function bring(part, fresh, asked) {
    const line = part.querySelector(`[data-q="${CSS.escape(fresh.dataset.q)}"]`);
    if (!line) return;
    line.classList.toggle("invalid", fresh.classList.contains("invalid"));
    for (const name of ["[data-problem]", "[data-change]"]) follow(line, fresh, name);
    line.querySelector("[data-pieces]")?.replaceChildren(...fresh.querySelector("[data-pieces]").childNodes);
    if (asked) line.hidden = line.disabled = fresh.hidden;
  }

  function follow(old, fresh, name) {
    const [to, from] = [old.querySelector(name), fresh.querySelector(name)];
    to.replaceChildren(...from.childNodes);
    to.hidden = from.hidden;
  }
})();
