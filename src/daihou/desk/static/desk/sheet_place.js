// The location of a review: a button asks the device, another leaves it out. The control holds it as JSON, in degrees and metres.
(() => {
  "use strict";
  const form = document.getElementById("filling");
  if (!form || !navigator.geolocation) return;
  const HOW = { enableHighAccuracy: true, timeout: 30000, maximumAge: 60000 };

  function show(place) {
    const value = place.querySelector("input").value;
    const said = place.querySelector("[data-place-said]");
    said.hidden = !value;
    if (value) {
      const { latitude, longitude, accuracy_m: metres } = JSON.parse(value);
      const numbers = { latitude: latitude.toFixed(6), longitude: longitude.toFixed(6), metres: metres.toFixed(0) };
      said.textContent = form.dataset.placeWords.replace(/\{(\w+)\}/g, (_, name) => numbers[name]);
    }
    place.querySelector("[data-place-drop]").hidden = !value;
    place.querySelector("[data-place-state]").textContent = value ? "" : form.dataset.placeNone;
  }

  function set(place, value) {
    const control = place.querySelector("input");
    control.value = value;
    show(place);
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function ask(place) {
    const state = place.querySelector("[data-place-state]");
    state.textContent = form.dataset.placeAsking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const { latitude, longitude, accuracy } = coords;
        set(place, JSON.stringify({ latitude, longitude, accuracy_m: accuracy }));
      },
      () => (state.textContent = form.dataset.placeRefused),
      HOW,
    );
  }

  form.addEventListener("click", (event) => {
    const place = event.target.closest("[data-place]");
    if (event.target.closest("[data-place-ask]")) ask(place);
    if (event.target.closest("[data-place-drop]")) set(place, "");
  });
  const places = form.querySelectorAll("[data-place]");
  places.forEach((place) => {
    const button = place.querySelector("[data-place-ask]");
    if (!button) return;
    button.hidden = false;
    show(place);
  });
  form.addEventListener("sheet:restored", () => places.forEach(show));
})();
