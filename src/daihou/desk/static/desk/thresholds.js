// The slider over candidates for a threshold: moves the draft's point in the chart, and tells the figures of the one chosen.
(() => {
  "use strict";
  const DRAFT = "draft"; // the series of the chart that holds the point
  const LINE = "frontier"; // and the one of the candidates along the line

  /** What the server says of the candidates stands beside the option of the chart. */
  function choose(slider) {
    const box = slider.closest("[data-thresholds]");
    const host = box.querySelector("[data-chart]");
    const given = host.querySelector("script[type='application/json']");
    const said = JSON.parse(given.textContent);
    const place = said.rows.length - 1 - Number(slider.value); // to the right is looser, as in the chart
    const row = said.rows[place];
    const point = said.points[place];
    const series = (name) => said.option.series.find((one) => one.name === name);
    series(DRAFT).data = point ? [{ value: point, name: row.condition, label: { formatter: row.said } }] : [];
    for (const one of series(LINE).data) {
      if (one.place === place) one.label.show = false; // the mark upon it has one
      else if (!said.held.includes(one.place)) delete one.label.show;
    }
    given.textContent = JSON.stringify(said);
    host.dispatchEvent(new Event("desk:draw", { bubbles: true }));

    slider.setAttribute("aria-valuetext", row.condition);
    box.querySelector("[data-said]").textContent = row.condition;
    box.querySelectorAll("[data-figure]").forEach((node) => (node.textContent = row[node.dataset.figure].value));
    box.querySelectorAll("[data-beside]").forEach((node) => (node.textContent = row[node.dataset.beside].beside));
    if (box.closest("form")) return; // within a draft it only tells
    document.querySelectorAll("[data-place]").forEach((node) => (node.value = String(place)));
    document.querySelectorAll("[data-chosen]").forEach((node) => (node.textContent = row.condition));
    document.querySelectorAll("[data-candidates] tbody tr").forEach((node, at) => node.classList.toggle("on", at === place));
  }

  // Before anybody else hears of it: moving it types nothing into the form it may lie in.
  document.addEventListener(
    "input",
    (event) => {
      if (!(event.target instanceof Element) || !event.target.matches("[data-slide]")) return;
      event.stopPropagation();
      choose(event.target);
    },
    true,
  );
})();
