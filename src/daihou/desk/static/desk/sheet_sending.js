// How the form of a review speaks with the server: always as the user whose page it is. Offers window.sheetSending(form) with post() and two failures: Away,
// "signed-out" or "other-user" where nothing may be sent until the same user has signed in again, and Failed where the server answered with a trouble; it is
// `final` where asking again by itself would change nothing. Without a network it is neither.
(() => {
  "use strict";

  const PASSING = [408, 425, 429];

  class Away extends Error {}

  class Failed extends Error {
    constructor(status) {
      super(String(status));
      this.status = status;
      this.final = status < 500 && !PASSING.includes(status);
    }
  }

  window.sheetSending = (form) => {
    const { user, page } = form.dataset;
    let token = form.querySelector("[name=csrfmiddlewaretoken]").value;

    // The user is stated each time, so that the server refuses what another user of this device left; `last` adds what must come last.
    async function post(address, data, last = () => {}) {
      for (let tries = 1; ; tries += 1) {
        data.set("csrfmiddlewaretoken", token);
        data.set("user", user);
        data.set("device_now", new Date().toISOString());
        last();
        const answer = await fetch(address, { method: "POST", body: data, redirect: "manual", headers: { Accept: "application/json" } });
        if (answer.type === "opaqueredirect") throw new Away("signed-out");
        if (answer.status !== 403) return answer;
        // Signed in anew elsewhere: the page's token is of the session before. It is taken from the page as it is now.
        if (tries > 1 || !(await renewed())) return answer;
      }
    }

    async function renewed() {
      const answer = await fetch(page, { redirect: "manual", cache: "no-store" });
      if (answer.type === "opaqueredirect") throw new Away("signed-out");
      if (!answer.ok) return false;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("filling");
      if (fresh && fresh.dataset.user !== user) throw new Away("other-user");
      const known = token;
      token = fresh?.querySelector("[name=csrfmiddlewaretoken]").value ?? token;
      document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => (field.value = token));
      return token !== known;
    }

    return { post, Away, Failed };
  };
})();
