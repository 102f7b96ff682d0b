/* Security keys: says on the page what allauth's scripts would only write to the console. */
(() => {
  const note = document.querySelector("[data-passkey-trouble]");
  if (!note) return;

  const say = (what) => {
    note.textContent = note.dataset[what];
    note.hidden = false;
  };

  if (!window.PublicKeyCredential) {
    for (const button of document.querySelectorAll("[data-passkey]")) {
      button.disabled = true;
      button.title = note.dataset.missing;
    }
    return;
  }

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const name = event.detail.exception && event.detail.exception.name;
    say(name === "NotAllowedError" || name === "AbortError" ? "cancelled" : "failed");
  });
})();
