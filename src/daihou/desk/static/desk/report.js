/* The words of a report are kept as a draft while they are typed. Who comes second is told, and shown both when they save. */
(() => {
  const form = document.getElementById("writing");
  if (!form) return;
  const WAIT = 1200, AGAIN = 5000, STALE = 409;
  const line = form.querySelector("[data-said]");
  let timer = 0, busy = false, dirty = false, stopped = false;

  const said = (text, waits) => {
    line.textContent = text;
    line.classList.toggle("waits", waits);
  };

  const later = (wait) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(keep, wait);
  };

  const keep = async () => {
    if (busy) return later(WAIT);
    busy = true;
    dirty = false;
    try {
      const answer = await fetch(form.dataset.type, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } });
      const told = await answer.json();
      if (answer.ok) {
        form.querySelector("[name=revision]").value = told.revision;
        said(told.said, false);
      } else {
        stopped = answer.status === STALE;
        said(told.trouble, true);
      }
    } catch {
      dirty = true;
      said(form.dataset.lost, true);
      later(AGAIN);
    }
    busy = false;
  };

  form.addEventListener("input", () => {
    dirty = true;
    later(WAIT);
  });
  form.addEventListener("submit", () => {
    stopped = true;
    dirty = false;
    clearTimeout(timer);
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
})();
