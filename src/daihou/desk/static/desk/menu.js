// What opens and closes: the side menu as a drawer, popovers, dialogs, messages.
// The opener names what it opens in aria-controls; nothing here knows a page.
(() => {
  "use strict";
  const side = () => document.querySelector(".side");
  const opener = (box) => document.querySelector(`[aria-controls="${CSS.escape(box.id)}"]`);

  function drawer(open) {
    const menu = side();
    if (!menu) return;
    menu.classList.toggle("open", open);
    document.querySelectorAll("[data-act=menu]").forEach((button) => button.setAttribute("aria-expanded", String(open)));
    if (open) menu.querySelector("a, button")?.focus();
  }

  function pop(box, open) {
    box.hidden = !open;
    opener(box)?.setAttribute("aria-expanded", String(open));
  }

  function closePops(except) {
    document.querySelectorAll(".pop:not([hidden])").forEach((box) => {
      if (box !== except) pop(box, false);
    });
  }

  const acts = {
    menu: () => drawer(!side()?.classList.contains("open")),
    pop(button) {
      const box = document.getElementById(button.getAttribute("aria-controls"));
      if (box) pop(box, box.hidden);
    },
    dialog(button) {
      const box = document.getElementById(button.getAttribute("aria-controls"));
      if (box && !box.open) box.showModal();
    },
    print() {
      window.print();
    },
    close(button) {
      const box = button.closest("dialog, .pop, .note");
      if (box instanceof HTMLDialogElement) box.close();
      else if (box?.matches(".pop")) pop(box, false);
      else box?.remove();
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    const act = button && acts[button.dataset.act];
    closePops(event.target.closest(".pop") || (button && document.getElementById(button.getAttribute("aria-controls"))));
    if (!act && !event.target.closest(".side")) drawer(false);
    if (act) {
      event.preventDefault();
      act(button);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const box = document.querySelector(".pop:not([hidden])");
    if (box) {
      pop(box, false);
      opener(box)?.focus();
    }
    drawer(false);
  });

  // What htmx puts into a closed dialog opens it.
  document.addEventListener("htmx:afterSwap", (event) => {
    const box = event.detail.target.closest("dialog");
    if (box && !box.open) box.showModal();
  });

  // An address may open a popover: /portfolio/loans/#columns.
  document.addEventListener("DOMContentLoaded", () => {
    const box = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (box && box.matches(".pop")) pop(box, true);
  });
})();
