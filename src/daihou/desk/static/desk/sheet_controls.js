// The controls of the questions of a form as texts: what they hold, how it is put into them, and how people read it. Offers window.sheetControls with
// texts(root, question), drawn(root), put(root, question, texts) and told(line, texts, placeWords).
(() => {
  "use strict";

  const picked = (control) => ["radio", "checkbox"].includes(control.type);
  const of = (root, question) => [...root.querySelectorAll(`[name="a.${CSS.escape(question)}"]`)];

  // What they hold now. An empty text is no answer.
  function texts(root, question) {
    return of(root, question)
      .filter((control) => (picked(control) ? control.checked : control.value !== ""))
      .map((control) => control.value);
  }

  // What the server drew into all of them, whatever was typed since.
  function drawn(root) {
    const found = {};
    for (const control of root.querySelectorAll("[name^='a.']")) {
      const texts = (found[control.name.slice(2)] ??= []);
      if (picked(control) ? control.defaultChecked : control.defaultValue !== "") texts.push(picked(control) ? control.value : control.defaultValue);
    }
    return found;
  }

  // Whether the controls could take it: a choice that is no more cannot be chosen.
  function put(root, question, values) {
    for (const control of of(root, question)) {
      if (picked(control)) control.checked = values.includes(control.value);
      else control.value = values[0] ?? "";
    }
    return texts(root, question).length === values.length;
  }

  function told(line, values, placeWords) {
    const labels = [...(line?.querySelectorAll("label:has(input)") ?? [])].map((label) => [label.querySelector("input").value, label.textContent.trim()]);
    const known = new Map(line?.querySelector("input[data-take]") ? [] : labels);
    if (values.length && line?.querySelector("[data-place]")) return place(values[0], placeWords);
    return values.map((value) => known.get(value) ?? value).join(", ") || "–";
  }

  function place(value, words) {
    try {
      const { latitude, longitude, accuracy_m: metres } = JSON.parse(value);
      const numbers = { latitude: latitude.toFixed(6), longitude: longitude.toFixed(6), metres: metres.toFixed(0) };
      return words.replace(/\{(\w+)\}/g, (_, name) => numbers[name]);
    } catch {
      return value;
    }
  }

  window.sheetControls = { texts, drawn, put, told };
})();
