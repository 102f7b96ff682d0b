// The pieces of a form: what is taken or chosen shows at once, lies on the device, and goes to the server by itself, each piece alone, as soon as there is a
// network. What the server refuses stays with its reason until it is removed or tried again, and holds up nothing else. Offers window.sheetPieces(page), where
// `page` is {form, user, sheet, post, Failed, changed, failed, drawn}: post sends, Failed is what a trouble of the server throws, changed() is called when the
// queue moved, failed(why) when it stopped, drawn(question, html) when the server has a piece. What was refused of another form is told below the questions, with
// the way there.
(() => {
  "use strict";
  const TOGETHER = 2;
  const SIDE = 96; // of a small picture, in pixels
  const store = window.sheetStore;
  const { uid } = store;

  function made(name, className, text = "") {
    const node = document.createElement(name);
    node.className = className;
    node.textContent = text;
    return node;
  }

  window.sheetPieces = (page) => {
    const { form, user, sheet } = page;
    const words = form.dataset;
    const most = Number(words.mostBytes);
    let queue = []; // of all forms of this user, oldest first
    const going = new Map(); // the piece by its id while it is sent
    let running = null;

    const own = () => queue.filter((one) => one.sheet === sheet);
    const ready = () => queue.filter((one) => !one.refused && !going.has(one.uid));
    const elsewhere = form.querySelector("[data-elsewhere]");
    const lineOf = (question) => form.querySelector(`[data-q="${CSS.escape(question)}"]`);

    async function load() {
      const kept = await store.pieces(user).catch(() => []);
      const since = new Set(queue.map((one) => one.uid)); // taken before this had read what lies on the device
      queue = [...kept.filter((one) => !since.has(one.uid)), ...queue].sort((one, other) => one.kept - other.kept);
      queue.forEach(show);
      page.changed();
    }

    async function add(files, question, shows) {
      for (const file of files) {
        const fault = file.size > most ? words.tooLarge : file.size === 0 ? words.empty : "";
        if (fault) {
          refuseAtOnce(file, question, fault);
          continue;
        }
        const taken = new Date(Math.min(file.lastModified || Date.now(), Date.now())).toISOString();
        const piece = { uid: uid(), user, sheet, to: words.attach, page: words.page, question, shows, name: file.name, taken, kept: Date.now(), refused: "" };
        try {
          piece.blob = new Blob([await file.arrayBuffer()], { type: file.type }); // the camera's own file may go away
        } catch {
          refuseAtOnce(file, question, words.empty);
          continue;
        }
        queue.push(piece);
        show(piece);
        page.changed();
        await keep(piece);
      }
      pump();
    }

    // Where the device has no room the piece is still sent, if there is a network now; the page says that it is not kept.
    async function keep(piece) {
      try {
        await store.keepPiece(piece);
        piece.unkept = false;
      } catch (failure) {
        piece.unkept = failure?.name === "QuotaExceededError" ? words.full : words.unkept;
        show(piece);
      }
    }

    async function drop(piece) {
      queue = queue.filter((one) => one !== piece);
      document.getElementById(`piece-${piece.uid}`)?.remove();
      await store.dropPiece(piece.uid).catch(() => {});
      page.changed();
    }

    // Sends what is ready, and resolves when nothing more moves: to false where the network or the session is gone.
    function pump() {
      running ??= run().finally(() => (running = null));
      return running;
    }

    async function run() {
      const failures = [];
      const lane = async () => {
        for (let piece; !failures.length && (piece = ready()[0]); ) {
          going.set(piece.uid, piece);
          show(piece);
          try {
            await send(piece);
          } catch (failure) {
            failures.push(failure);
          }
          going.delete(piece.uid);
          if (queue.includes(piece)) show(piece);
          page.changed();
        }
      };
      await Promise.all(Array.from({ length: TOGETHER }, lane));
      if (failures.length) page.failed(failures[0]);
      else if (ready().length) return run(); // came in as the last was done
      return failures.length === 0;
    }

    async function send(piece) {
      const data = new FormData();
      for (const name of ["question", "shows", "uid"]) data.set(name, piece[name]);
      data.set("taken_at", piece.taken);
      const answer = await page.post(piece.to, data, () => data.set("file", piece.blob, piece.name));
      if (answer.ok) {
        const { pieces } = await answer.json();
        if (piece.sheet === sheet) await page.drawn(piece.question, pieces);
        await drop(piece);
        return;
      }
      if (answer.status >= 500 || answer.status === 429) throw new page.Failed(answer.status);
      const said = await answer.json().catch(() => ({}));
      piece.refused = said.reason || words.refusedBy.replace("{status}", answer.status);
      await keep(piece);
    }

    function show(piece) {
      const known = document.getElementById(`piece-${piece.uid}`);
      const here = piece.sheet === sheet && lineOf(piece.question)?.querySelector("[data-waiting]");
      const list = here || elsewhere;
      if (!known && !here && !piece.refused) return;
      const line = known ?? drawn(piece);
      if (!known) list.append(line);
      line.classList.toggle("refused", Boolean(piece.refused));
      const state = piece.refused || (going.has(piece.uid) ? words.sending : piece.unkept || words.waits);
      line.querySelector("[data-state]").textContent = state;
      line.querySelector("[data-again]").hidden = !piece.refused;
      line.querySelector("[data-remove]").hidden = going.has(piece.uid);
    }

    function drawn(piece) {
      const line = entry(`piece-${piece.uid}`, piece.name);
      if (piece.blob.type.startsWith("image/")) picture(piece.blob, line);
      if (piece.sheet !== sheet) line.querySelector(".cut").replaceChildren(way(piece));
      button(line, "data-again", words.again, piece.name, async () => {
        piece.refused = "";
        show(piece);
        await keep(piece);
        page.changed();
        pump();
      });
      button(line, "data-remove", words.remove, piece.name, () => drop(piece));
      return line;
    }

    function way(piece) {
      const link = made("a", "", piece.name);
      link.href = piece.page;
      return link;
    }

    function entry(id, name) {
      const line = made("li", "");
      line.id = id;
      const text = made("span", "grow");
      const state = made("small", "state");
      state.dataset.state = "";
      text.append(made("span", "cut", name), state);
      line.append(text);
      return line;
    }

    function button(line, mark, text, name, act) {
      const one = made("button", "btn", text);
      one.type = "button";
      one.setAttribute(mark, "");
      one.setAttribute("aria-label", `${text}: ${name}`);
      one.addEventListener("click", act);
      line.append(one);
    }

    // A picture on a canvas needs no address that the content security policy would have to allow.
    async function picture(blob, line) {
      try {
        const drawing = await createImageBitmap(blob, { resizeHeight: SIDE, resizeQuality: "low" });
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [drawing.width, drawing.height];
        canvas.setAttribute("aria-hidden", "true");
        canvas.getContext("2d").drawImage(drawing, 0, 0);
        line.prepend(canvas);
        drawing.close();
      } catch {
        // A picture that this browser cannot draw is judged by the server.
      }
    }

    // What is too large is told and not kept: there is nothing to try again.
    function refuseAtOnce(file, question, fault) {
      const line = entry(`piece-${uid()}`, file.name);
      line.classList.add("refused");
      line.querySelector("[data-state]").textContent = fault;
      button(line, "data-remove", words.remove, file.name, () => line.remove());
      lineOf(question)?.querySelector("[data-waiting]")?.append(line);
    }

    form.addEventListener("change", (event) => {
      const input = event.target.closest("input[data-take]");
      if (!input) return;
      const line = input.closest("[data-q]");
      const choice = line.querySelector("select[name=shows]");
      add([...input.files], line.dataset.q, choice?.value ?? "");
      input.value = "";
      if (choice && choice.selectedIndex < choice.options.length - 1) choice.selectedIndex += 1; // the next that is asked for
    });
    for (const input of form.querySelectorAll("input[data-take]")) {
      input.required = false;
      if (!input.hasAttribute("capture")) input.multiple = true;
    }
    const thumbs = window.matchMedia("(pointer: coarse)").matches;
    form.querySelectorAll("[data-camera]").forEach((one) => (one.hidden = !thumbs));
    form.querySelectorAll("[data-plain]").forEach((one) => (one.hidden = true));

    return {
      load,
      pump,
      waiting: () => queue.filter((one) => one.sheet === sheet && !one.refused).length,
      refused: () => own().filter((one) => one.refused).length,
      elsewhere: () => queue.filter((one) => one.sheet !== sheet && one.refused).length,
      left: () => ready().length,
    };
  };
})();
