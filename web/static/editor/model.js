// The Passages as the server tells them, with what waits here laid over them.

const LAID_OVER = new Set(["text", "delete", "confirm", "replace", "speaker"]);

export class Model {
  #known = new Map();
  #waiting = new Map();
  #order = [];
  #chapters = [];
  #begun = new Map();
  #hidden = [];

  /** The chapters as they are shown, in order of time; `waits` when one is not saved, `row` is where it begins. */
  chapters = [];

  /** All of them, in order of time. */
  load({ passages, chapters, hidden }) {
    this.#known = new Map(passages.map((passage) => [passage.id, passage]));
    [this.#chapters, this.#hidden] = [chapters, hidden];
    this.#sort();
  }

  /** What the server tells anew; gives the ids of what is another now. */
  take({ passages, gone, chapters, hidden }) {
    const were = this.#hidden;
    [this.#chapters, this.#hidden] = [chapters, hidden];
    for (const id of gone) this.#known.delete(id);
    for (const passage of passages) this.#known.set(passage.id, passage);
    this.#sort();
    const isOther = (id) => JSON.stringify(this.#hides(were, id)) !== JSON.stringify(this.withdrawn(id));
    return [...passages.map((passage) => passage.id), ...gone, ...this.#order.filter(isOther)];
  }

  /** The stretches that are withdrawn in which something of a Passage is said. */
  withdrawn(id) {
    return this.#hides(this.#hidden, id);
  }

  #hides(hidden, id) {
    const { start, end } = this.#known.get(id);
    return hidden.filter((each) => start < each.end && Math.max(end, start + 1) > each.start);
  }

  #sort() {
    this.#order = [...this.#known.values()].sort((one, other) => one.start - other.start).map((passage) => passage.id);
  }

  /** The actions that are not saved yet; gives the ids of Passages that are shown otherwise by that. */
  lay(actions) {
    const before = new Set(this.#waiting.keys());
    this.#waiting = new Map();
    for (const edit of actions.flatMap((action) => action.edits || [])) {
      this.#waiting.set(edit.passage, [...(this.#waiting.get(edit.passage) || []), edit]);
    }
    return [...new Set([...before, ...this.#waiting.keys(), ...this.#begin(actions)])];
  }

  /** Give the chapters their rows; gives the ids of those where other ones begin now. */
  #begin(actions) {
    const shown = [...this.#chapters];
    for (const { before, after } of actions.flatMap((action) => action.chapters || [])) {
      const at = before ? shown.findIndex((each) => isAs(each, before)) : -1;
      if (at >= 0) shown.splice(at, 1);
      if (after) shown.push({ title: after.title, start: after.start_ms, item: after.item, by: "", waits: true });
    }
    this.chapters = shown.sort((one, other) => one.start - other.start).map((each) => ({ ...each, row: this.during(each.start) ?? this.#order[0] }));
    const were = this.#begun;
    this.#begun = Map.groupBy(this.chapters, (each) => each.row);
    const isOther = (id) => JSON.stringify(were.get(id)) !== JSON.stringify(this.#begun.get(id));
    return [...new Set([...were.keys(), ...this.#begun.keys()])].filter(isOther);
  }

  /** The chapters that begin with a Passage. */
  beginning(id) {
    return this.#begun.get(id) || [];
  }

  get ids() {
    return this.#order;
  }

  has(id) {
    return this.#known.has(id);
  }

  /** The Passage as the server has it. */
  saved(id) {
    return this.#known.get(id);
  }

  /** The Passage as it is shown; `waits` when some of it is not saved, `locked` until it is, as its borders change. */
  get(id) {
    const saved = this.#known.get(id);
    const edits = this.#waiting.get(id);
    if (!saved || !edits) return saved;
    const shown = { ...saved, waits: true };
    for (const edit of edits) {
      if (!LAID_OVER.has(edit.kind)) shown.locked = true;
      else if (edit.kind === "speaker") shown.speaker = edit.after;
      else Object.assign(shown, { text: edit.kind === "delete" ? "" : edit.kind === "confirm" ? shown.text : edit.after, checked: edit.kind !== "replace" });
    }
    if (shown.text !== saved.text) Object.assign(shown, { lost: false, unclear: false, doubts: [] });
    if (shown.checked) Object.assign(shown, { unclear: false, doubts: [] });
    return shown;
  }

  at(id) {
    return this.#order.indexOf(id);
  }

  /** The one that is said at a moment, in ms: the last that has begun. */
  during(ms) {
    let [low, high] = [0, this.#order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#known.get(this.#order[middle]).start <= ms + 50) low = middle + 1;
      else high = middle;
    }
    return this.#order[low - 1];
  }

  /** The next one that somebody should look at, in either direction; after the last comes the first. */
  doubtful(from, step) {
    const count = this.#order.length;
    for (let passed = 1; passed <= count; passed++) {
      const id = this.#order[(((from + step * passed) % count) + count) % count];
      if (isDoubtful(this.get(id))) return id;
    }
    return null;
  }

  get doubts() {
    return this.#order.filter((id) => isDoubtful(this.get(id))).length;
  }

  /** When the words of its text begin, in ms. */
  starts(id) {
    const saved = this.#known.get(id);
    return saved.starts || saved.words.map(([start]) => start);
  }
}

/** Whether a chapter is the one of an edit. */
export const isAs = (chapter, edit) => chapter.title === edit.title && chapter.start === edit.start_ms && chapter.item === edit.item;

export const isDoubtful = (passage) => Boolean(passage.text) && !passage.checked && (passage.unclear || passage.lost || passage.doubts.length > 0);

/** A chapter as an edit tells it, which begins with a Passage. */
export function beginning({ title, item, start, by = "" }, passage) {
  return { title, item, start_ms: start ?? passage.start, passage: passage.id, said: passage.text, by };
}

/** An edit of a Passage as the person sees it. */
export function edit(passage, kind, more = {}) {
  return { passage: passage.id, kind, start_ms: passage.start, end_ms: passage.end, before: passage.text, ...more };
}
