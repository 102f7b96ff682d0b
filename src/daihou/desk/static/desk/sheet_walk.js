// Which questions of a form are asked, by what was answered so far: the same walk as daihou.reviews.forms.answers, so that a form goes on without a network.
// Offers sheetWalk.asked(walked, given): `walked` is {unit, questions: [{id, kind, when, choices, compare, last}]}, `given(id)` the texts that the controls of a
// question hold. The grammar of conditions stands in daihou.reviews.forms.conditions; tests hold both walks against each other.
(() => {
  "use strict";
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  const MOST = Number.MAX_SAFE_INTEGER;
  const COUNTED = ["number", "money", "rating"];
  const UNASKED = ["place", "note", "photos", "files"];

  function asked(walked, given) {
    const seen = new Set();
    const filled = new Map();
    for (const question of walked.questions) {
      if (question.when && worth(question.when, filled, walked.unit) !== true) continue;
      seen.add(question.id);
      const answer = read(question, given(question.id), walked.unit);
      if (answer === null) continue;
      if (question.kind === "choices") {
        for (const [code] of question.choices) filled.set(`${question.id}.${code}`, answer.includes(code));
        continue;
      }
      filled.set(question.id, answer);
      if (question.compare && typeof question.last === "number" && question.last > 0) {
        filled.set(`${question.id}_change`, (answer - question.last) / question.last);
      }
    }
    return seen;
  }

  // An answer as it counts; null where there is none, or none that can be read.
  function read(question, texts, unit) {
    const kind = question.kind;
    if (UNASKED.includes(kind)) return null;
    if (kind === "choices") {
      const known = question.choices.filter(([code]) => texts.includes(code));
      const alone = known.some(([, one]) => one) && known.length > 1;
      return texts.length === 0 || alone || known.length !== new Set(texts).size ? null : known.map(([code]) => code);
    }
    const text = (texts.at(-1) ?? "").trim();
    if (text === "") return null;
    if (COUNTED.includes(kind)) return number(kind, text, unit);
    if (kind === "choice") return question.choices.some(([code]) => code === text) ? text : null;
    if (kind === "yes_no") return { yes: true, no: false }[text] ?? null;
    return text;
  }

  function number(kind, text, unit) {
    const plain = text.replaceAll(",", "");
    if (!NUMBER.test(plain)) return null;
    let value = Number(plain);
    if (kind === "money") {
      const whole = Math.round(value * unit);
      if (Math.abs(value * unit - whole) > 1e-6 * Math.max(1, Math.abs(value))) return null;
      value = whole;
    }
    if (kind === "rating" && !(Number.isInteger(value) && value >= 1 && value <= 5)) return null;
    return Math.abs(value) <= MOST ? value : null;
  }

  function worth(node, filled, unit) {
    if ("answer" in node) return filled.get(node.answer) ?? null;
    if ("value" in node) return node.value;
    if ("amount" in node) return Math.floor(node.amount * unit + 0.5);
    const of = node.of.map((part) => worth(part, filled, unit));
    switch (node.op) {
      case "and":
        return all(of);
      case "or":
        return opposite(all(of.map(opposite)));
      case "not":
        return opposite(of[0]);
      case "unknown":
        return of[0] === null;
      case "in":
        return opposite(all(of.slice(1).map((other) => opposite(compared("=", of[0], other)))));
      case "+":
        return of.includes(null) ? null : of.reduce((sum, one) => sum + one);
      case "*":
        return of.includes(null) ? null : of.reduce((product, one) => product * one);
      case "-":
        return of[0] === null ? null : -of[0];
      default:
        return compared(node.op, of[0], of[1]);
    }
  }

  const opposite = (found) => (found === null ? null : !found);
  const all = (found) => (found.includes(false) ? false : found.includes(null) ? null : true);

  function compared(sign, one, other) {
    if (one === null || other === null) return null;
    switch (sign) {
      case "=":
        return one === other;
      case "!=":
        return one !== other;
      case "<":
        return one < other;
      case "<=":
        return one <= other;
      case ">":
        return one > other;
      default:
        return one >= other;
    }
  }

  globalThis.sheetWalk = { asked };
})();
