// Sparklines: <svg data-points="1,2,,3" [data-limit="2"]> becomes a line without axes, its last point marked, with a gap
// where nothing is known and a dotted limit. Colours are those of .spark in portfolio.css, so a change of theme needs nothing.
(() => {
  "use strict";
  function spark(svg) {
    const values = svg.dataset.points.split(",").map((text) => (text.trim() === "" ? null : Number(text)));
    const known = values.filter((value) => value !== null);
    if (!known.length) return;
    const limit = svg.dataset.limit === undefined ? null : Number(svg.dataset.limit);
    const span = limit === null ? known : [...known, limit];
    const [low, high, width, height] = [Math.min(...span), Math.max(...span), 120, 28];
    const x = (place) => (place * (width - 3)) / Math.max(values.length - 1, 1);
    const y = (value) => height - 3 - ((value - low) / (high - low || 1)) * (height - 7);
    let path = "";
    values.forEach((value, place) => {
      if (value === null) return;
      const starts = !place || values[place - 1] === null;
      path += `${starts ? "M" : "L"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
    });
    const last = values.length - 1 - [...values].reverse().findIndex((value) => value !== null);
    const whole = known.length === values.length;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.innerHTML =
      (whole ? `<path class="spark-a" d="${path}L${x(last)} ${height}L0 ${height}Z"/>` : "") +
      (limit === null ? "" : `<path class="spark-t" d="M0 ${y(limit)}H${width}"/>`) +
      `<path class="spark" d="${path}"/><path class="spark-d" d="M${x(last)} ${y(values[last])}h0"/>`;
  }

  function dress(root) {
    root.querySelectorAll("svg[data-points]").forEach(spark);
  }

  document.addEventListener("DOMContentLoaded", () => dress(document));
  document.addEventListener("htmx:afterSettle", (event) => event.detail.elt instanceof Element && dress(event.detail.elt));
})();
