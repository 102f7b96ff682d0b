// The tokens of tokens.css as colours for what is drawn by script: ramps, shades between, and the ink that is read on them.
window.desk = (() => {
  "use strict";
  const root = document.documentElement;
  const token = (name) => getComputedStyle(root).getPropertyValue(`--dh-${name}`).trim();
  const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

  function between(one, other, rest) {
    const [a, b] = [parts(one), parts(other)];
    return `#${a.map((value, at) => Math.round(value + rest * (b[at] - value)).toString(16).padStart(2, "0")).join("")}`;
  }

  /** The colour at a share of the way along the stops. */
  function gradient(stops, share) {
    const at = share * (stops.length - 1);
    const lower = Math.min(Math.floor(at), stops.length - 2);
    return between(stops[lower], stops[lower + 1], at - lower);
  }

  /** So many colours along the stops, both ends included; of one the strongest. */
  const along = (stops, count) =>
    count === 1 ? [stops[stops.length - 1]] : Array.from({ length: count }, (_, place) => gradient(stops, place / (count - 1)));

  const tokens = (prefix, from, to) => Array.from({ length: to - from + 1 }, (_, place) => token(prefix + (from + place)));

  const ramps = {
    // From sand to wine: a later bucket is stronger.
    arrears: (count) => (count === 1 ? [token("s1")] : along(tokens("b", 1, 6), count)),
    // The same with a first series that is not in arrears.
    arrears0: (count) => [token("b0"), ...along(tokens("b", 1, 6), Math.max(count - 1, 1))].slice(0, count),
    // Cohorts: older ones fade, the newest stands out.
    age(count) {
      if (count === 1) return [token("s1")];
      const older = tokens("v", 1, 5);
      return [...(count <= 6 ? older.slice(6 - count) : along(older, count - 1)), token("v6")];
    },
    equal: (count) => Array.from({ length: count }, (_, place) => token(`s${(place % 4) + 1}`)),
  };

  const luminance = (colour) =>
    parts(colour)
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);

  /** The lightest or the darkest of our inks, whichever stands out more. */
  function ink(ground) {
    const contrast = (one) => {
      const [a, b] = [luminance(one), luminance(ground)];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
    return ["on-accent", "on-light"].map(token).sort((a, b) => contrast(b) - contrast(a))[0];
  }

  return { token, ramps, gradient, ink };
})();
