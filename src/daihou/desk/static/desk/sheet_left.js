// What a device still holds of a form that is over, or somebody else's by now: it cannot be sent any more, so the page says what it was, until it is removed.
// Where nothing waits (the form was finished, and only the answer to that was lost) the device forgets it at once.
(() => {
  "use strict";
  const form = document.getElementById("filling");
  const note = document.querySelector("[data-left]");
  if (!form || form.dataset.keep !== undefined || !note || !window.indexedDB) return;
  const words = form.dataset;
  const [user, sheet] = [Number(words.user), Number(words.sheet)];
  const store = window.sheetStore;

  function line(text) {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }

  async function show() {
    const kept = await store.sheet(user, sheet);
    const files = (await store.pieces(user)).filter((one) => one.sheet === sheet);
    const answers = kept?.waits ? kept.changed.length : 0;
    if (!answers && !files.length) return kept && store.forget(user, sheet);
    const lines = files.map((one) => line(one.refused ? `${one.name}: ${one.refused}` : one.name));
    if (answers) lines.unshift(line(words.leftAnswers.replace("{n}", answers)));
    note.querySelector("ul").replaceChildren(...lines);
    note.hidden = false;
  }

  note.querySelector("button").addEventListener("click", async () => {
    await store.forget(user, sheet);
    note.hidden = true;
  });
  show().catch(() => {}); // where nothing can be read, nothing is kept
})();
