// What becomes of answers that wait on a device, where the server's were saved on meanwhile. Offers sheetMerge.merged(waiting, bases, now): `waiting` is
// {question: texts} as somebody typed them, `bases` {question: [texts]} what the server may have had when they did (what stood, and what was sent without an
// answer), `now` {question: texts} what it has, `kinds` the kind of each. Returns {back, lost}: what is put back since nobody else answered it, and what somebody else did.
(() => {
  "use strict";

  const COUNTED = ["number", "money", "rating"];
  const MILLION = 1e6; // a location counts to the millionth of a degree, as the server keeps it

  const same = (one, other, kind) => JSON.stringify(one.map((text) => plain(text, kind))) === JSON.stringify(other.map((text) => plain(text, kind)));

  // The server writes what it read in its own way: 1000 comes back as 1,000.00.
  function plain(text, kind) {
    const short = text.replaceAll("\r\n", "\n").trim();
    if (COUNTED.includes(kind)) {
      const value = Number(short.replaceAll(",", ""));
      return Number.isNaN(value) ? short : value;
    }
    if (kind !== "place") return short;
    try {
      const stated = JSON.parse(short);
      return ["latitude", "longitude", "accuracy_m"].map((name) => Math.round(stated[name] * MILLION));
    } catch {
      return short;
    }
  }

  function merged(waiting, bases, now, kinds) {
    const [back, lost] = [{}, []];
    for (const [question, typed] of Object.entries(waiting)) {
      const [stands, kind] = [now[question], kinds[question]];
      if (stands && same(stands, typed, kind)) continue; // it arrived, or both say so
      if (stands && (bases[question] ?? []).some((one) => same(one, stands, kind))) back[question] = typed;
      else lost.push({ question, typed, now: stands ?? [] });
    }
    return { back, lost };
  }

  globalThis.sheetMerge = { merged, same };
})();
