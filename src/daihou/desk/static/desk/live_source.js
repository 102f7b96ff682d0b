// The one connection over which news of alerts come: shared by all pages of a browser where it has shared workers, else the page's own.
// Within a worker this file answers pages that connect; in a page it offers window.deskSource.
//
// What is told: {unseen, number, came, lost, ended}. unseen: alerts that are new and that nobody looked at; number: of the act up to which was heard;
// came: whether something changed just now; lost: whether nothing is heard; ended: whether nothing will be (signed out, or not allowed any more).
(() => {
  "use strict";
  const SILENT_MS = 20000; // the server says something every 5 s: who hears nothing for so long has lost it
  const AGAIN_MS = [2000, 5000, 15000, 30000, 60000]; // what the browser does not try again itself, as after an error of the server
  const MOST = 100;

  class Source {
    constructor(address, kept, tell) {
      this.address = address;
      this.tell = tell;
      this.number = kept?.number ?? null;
      this.unseen = kept?.unseen ?? 0;
      this.lost = this.ended = false;
      this.failures = 0;
      this.open();
      this.watch = setInterval(() => this.look(), 5000);
    }

    open() {
      this.stream?.close();
      this.heardAt = Date.now();
      const after = this.number === null ? "" : `?after=${this.number}`;
      this.stream = new EventSource(this.address + after);
      for (const kind of ["hello", "alerts", "beat", "end"]) {
        this.stream.addEventListener(kind, (event) => this.hear(kind, event));
      }
      this.stream.onerror = () => this.fail();
    }

    hear(kind, event) {
      this.heardAt = Date.now();
      this.failures = 0;
      const wasLost = this.lost;
      this.lost = false;
      this.number = Number(event.lastEventId);
      const fresh = Number(JSON.parse(event.data || "{}").new || 0);
      this.unseen = Math.min(this.unseen + fresh, MOST);
      if (kind === "end") {
        this.ended = this.lost = true;
        this.stream.close();
      }
      if (kind !== "beat" || wasLost) this.say(kind === "alerts" || fresh > 0 || (kind === "hello" && wasLost));
    }

    // A browser tries again by itself unless the answer was an error; then it is for us to do.
    fail() {
      if (!this.lost) {
        this.lost = true;
        this.say(false);
      }
      if (this.stream.readyState !== EventSource.CLOSED || this.ended) return;
      clearTimeout(this.later);
      this.later = setTimeout(() => this.open(), AGAIN_MS[Math.min(this.failures++, AGAIN_MS.length - 1)]);
    }

    look() {
      if (this.ended || Date.now() - this.heardAt < SILENT_MS) return;
      if (!this.lost) {
        this.lost = true;
        this.say(false);
      }
      if (this.stream.readyState !== EventSource.CLOSED) this.open(); // nothing comes: something between holds it
    }

    seen() {
      if (!this.unseen) return;
      this.unseen = 0;
      this.say(false);
    }

    say(came) {
      this.tell({ unseen: this.unseen, number: this.number, came, lost: this.lost, ended: this.ended });
    }
  }

  if (typeof SharedWorkerGlobalScope === "undefined" || !(self instanceof SharedWorkerGlobalScope)) {
    window.deskSource = Source;
    return;
  }

  const pages = new Set();
  let source = null;
  self.onconnect = ({ ports: [page] }) => {
    pages.add(page);
    page.onmessage = ({ data }) => {
      if (data.open) {
        if (!source || source.ended) source = new Source(data.open, data.kept, (told) => pages.forEach((one) => one.postMessage(told)));
        else source.say(data.read !== null && data.read < source.number); // what came since the page was read is not in it
      } else if (data.seen) source?.seen();
      else if (data.leave) pages.delete(page);
    };
  };
})();
