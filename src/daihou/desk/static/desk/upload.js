// Uploads: files dropped or chosen are listed with their size, what goes over the limit together is refused before it travels, and the
// way is shown. <div class="drop" data-drop data-limit="bytes" data-too-large="…" data-failed="…"> holds an input
// [type=file]; a form[data-upload] around it is sent with progress. Without scripts the form works as any other.
(() => {
  "use strict";
  const KIB = 1024;

  function size(bytes) {
    const units = ["B", "KB", "MB", "GB"];
    const power = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(KIB)), units.length - 1);
    return `${(bytes / KIB ** power).toFixed(power ? 1 : 0)} ${units[power]}`;
  }

  function node(name, className, text = "") {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  }

  // The list stands right after the drop zone; it is read out when it changes.
  function listOf(zone) {
    const next = zone.nextElementSibling;
    if (next?.matches("ul.files")) return next;
    const list = node("ul", "files");
    list.setAttribute("aria-live", "polite");
    zone.after(list);
    return list;
  }

  function show(zone) {
    const input = zone.querySelector("input[type=file]");
    const limit = Number(zone.dataset.limit) || Infinity;
    const tooLarge = [];
    let together = 0; // the limit is that of one request
    listOf(zone).replaceChildren(
      ...[...input.files].map((file) => {
        together += file.size;
        const over = together > limit;
        if (over) tooLarge.push(file);
        const item = node("li", over ? "bad" : "");
        const told = over ? `${size(file.size)} · ${zone.dataset.tooLarge || ">"} ${size(limit)}` : size(file.size);
        item.append(node("span", "cut", file.name), node("span", "size", told));
        return item;
      }),
    );
    // The browser itself then refuses to send the form and points at the field.
    input.setCustomValidity(tooLarge.length ? `${tooLarge[0].name}: ${zone.dataset.tooLarge || ">"} ${size(limit)}` : "");
  }

  // Not form.action: a field of that name would stand in its place.
  const address = (form) => new URL(form.getAttribute("action") || "", location.href).href;

  function send(form) {
    const zone = form.querySelector("[data-drop]");
    const list = listOf(zone);
    const bar = document.createElement("progress");
    const buttons = form.querySelectorAll("[type=submit], button:not([type])");
    bar.max = 1;
    bar.value = 0;
    form.querySelectorAll("progress, .note.red[data-made]").forEach((old) => old.remove());
    list.after(bar);
    buttons.forEach((button) => (button.disabled = true));

    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
      // Sent, but not yet read by the server: no end is known.
      if (event.loaded === event.total) bar.removeAttribute("value");
    });
    request.addEventListener("loadend", () => {
      bar.remove();
      buttons.forEach((button) => (button.disabled = false));
      answer(form, list, request);
    });
    request.open("POST", address(form));
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.send(new FormData(form));
  }

  // A redirect was followed: go there. Otherwise the page came back with errors: put its main part in place.
  function answer(form, list, request) {
    const moved = request.responseURL && request.responseURL.split("#")[0] !== address(form).split("#")[0];
    if (request.status >= 200 && request.status < 400 && moved) {
      location.assign(request.responseURL);
      return;
    }
    const page = request.status && new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main");
    const here = document.querySelector("main");
    if (page && here) {
      here.replaceWith(document.adoptNode(page));
      scrollTo(0, 0);
      return;
    }
    const told = node("div", "note red", form.querySelector("[data-drop]").dataset.failed || String(request.status));
    told.dataset.made = "";
    told.setAttribute("role", "alert");
    list.after(told);
  }

  document.addEventListener("change", (event) => {
    const zone = event.target.matches("input[type=file]") && event.target.closest("[data-drop]");
    if (zone) show(zone);
  });

  ["dragenter", "dragover"].forEach((kind) =>
    document.addEventListener(kind, (event) => {
      const zone = event.target.closest?.("[data-drop]");
      if (!zone || !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      zone.classList.add("over");
    }),
  );

  document.addEventListener("dragleave", (event) => {
    const zone = event.target.closest?.("[data-drop]");
    if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("over");
  });

  document.addEventListener("drop", (event) => {
    const zone = event.target.closest?.("[data-drop]");
    if (!zone || !event.dataTransfer.files.length) return;
    event.preventDefault();
    zone.classList.remove("over");
    const input = zone.querySelector("input[type=file]");
    const taken = new DataTransfer();
    [...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1).forEach((file) => taken.items.add(file));
    input.files = taken.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-upload]")) return;
    event.preventDefault();
    send(event.target);
  });
})();
