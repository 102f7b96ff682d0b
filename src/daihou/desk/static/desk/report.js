/* The words of a report are kept as a draft while they are typed, and all that was typed is kept before the page is left for saving. Who comes second is told, and shown both when they save. */
(() => {
  const form = document.getElementById("writing");
  if (!form) return;
  const WAIT = 1200, AGAIN = 5000, STALE = 409, REFUSED = 422;
  const line = form.querySelector("[data-said]");
  const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
  let timer = 0, going = null, leaving = false, stopped = false;
  let typed = 0, kept = 0; // how often something was typed, and up to which time it is kept
  let uid = fresh(); // of all saves until one is answered: one whose answer was lost may have arrived all the same

  const said = (text, waits) => {
    line.textContent = text;
    line.classList.toggle("waits", waits);
  };

  const later = (wait) => {
    clearTimeout(timer);
    if (!stopped && !leaving) timer = setTimeout(keep, wait);
  };

  const keep = () => {
    going ??= send().finally(() => (going = null));
    return going;
  };

  // Keeps what stands now; answers with the status, 0 where there was no answer that counts.
  const send = async () => {
    const now = typed;
    const data = new FormData(form);
    data.set("uid", uid);
    let answer;
    try {
      answer = await fetch(form.dataset.type, { method: "POST", body: data, redirect: "manual", headers: { "X-Requested-With": "fetch" } });
    } catch {
      said(form.dataset.lost, true);
      later(AGAIN);
      return 0;
    }
    if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) {
      stopped = true;
      said(form.dataset.out, true);
      return 0;
    }
    const told = await answer.json().catch(() => null);
    if (!told || (!answer.ok && answer.status !== STALE && answer.status !== REFUSED)) {
      said(form.dataset.failed, true);
      later(AGAIN);
      return 0;
    }
    uid = fresh();
    if (answer.ok) {
      form.querySelector("[name=revision]").value = told.revision;
      kept = now;
      stopped = false;
      said(told.said, false);
      if (typed > kept) later(WAIT);
    } else {
      stopped = true;
      said(told.trouble, true);
    }
    return answer.status;
  };

  form.addEventListener("input", () => {
    typed += 1;
    later(WAIT);
  });
  // The page is left only for a place that takes what was typed: where nobody answers, or asks to sign in, it stays.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (leaving) return;
    leaving = true;
    clearTimeout(timer);
    await going;
    const status = await keep();
    if (status === 200 || status === STALE) {
      kept = typed;
      form.submit();
      return;
    }
    leaving = false;
    line.scrollIntoView({ block: "nearest" });
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) leaving = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (typed > kept) event.preventDefault();
  });
})();
