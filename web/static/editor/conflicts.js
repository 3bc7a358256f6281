// Two persons at one place: what the other one has done meanwhile, beside what waits here, and which of them shall stand.
import { beginning, edit } from "./model.js";

export class Conflicts {
  /** `box` holds the list; `lang` is the language of the text; `done` takes edits, `act` an action, `run` sends on. */
  constructor(box, model, store, words, { lang, done, act, run }) {
    Object.assign(this, { box, model, store, words, lang, done, act, run, list: box.querySelector("ul") });
  }

  show() {
    const known = new Set([...this.list.children].map((item) => item.dataset.key));
    const open = this.store.conflicts();
    for (const item of this.list.children) if (item.dataset.key && !open.some((each) => each.key === item.dataset.key)) item.remove();
    for (const item of open.filter((each) => !known.has(each.key))) item.chapters?.length ? this.chapter(item) : this.text(item);
    this.box.hidden = !this.list.children.length;
  }

  /** Of what one Passage shall say, the last word counts; what else was asked for is told. */
  text(item) {
    const { words } = this;
    const written = (item.edits || []).filter((each) => ["text", "delete", "confirm", "replace", "speaker"].includes(each.kind));
    const own = written.at(-1);
    const line = item.notes?.[0]?.after;
    const now = own && this.present(own);
    const choose = [];
    const close = () => this.settle(item);
    const mineAgain = () => written.map((each) => this.again(each)).filter(Boolean);
    if (own && now) choose.push([words.keep_mine, () => (close(), this.done(mineAgain()))]);
    if (line) choose.push([words.keep_mine, () => (close(), this.act({ notes: [{ before: null, after: line }] }))]);
    choose.push([own && now ? words.keep_theirs : words.drop, close]);
    const mine = line ? line.text : own ? (own.kind === "speaker" ? own.after : own.kind === "delete" ? words.deleted : own.after || own.before) : words[`kind_${kindOf(item)}`];
    const theirs = now && (own.kind === "speaker" ? now.speaker : now.text || words.deleted);
    this.add({ key: item.key, mine, theirs, why: item.why || words.meanwhile, start: own?.start_ms, choose });
  }

  settle(item) {
    this.store.remove(item);
    this.show();
    this.run();
  }

  /** A chapter that another person has set, too: theirs is the one of the same item, or of the same name. */
  chapter(item) {
    const { words, model } = this;
    const { before, after } = item.chapters[0];
    const meant = after || before;
    const isIts = (each) => (meant.item ? each.item === meant.item : each.title === (before || after).title);
    const now = model.chapters.find(isIts);
    const shown = (one) => `${this.time(one.start ?? one.start_ms)} ${one.title}`;
    const mine = () => {
      this.settle(item);
      this.act({ chapters: [{ before: now ? beginning(now, model.get(now.row)) : null, after }] });
    };
    const choose = [[now ? words.keep_theirs : words.drop, () => this.settle(item)]];
    if (after || now) choose.unshift([words.keep_mine, mine]);
    this.add({ key: item.key, mine: after ? shown(after) : words.chapter_removed.replace("{title}", before.title), theirs: now ? shown(now) : words.no_chapter, why: item.why || words.chapter_meanwhile, start: meant.start_ms, choose });
  }

  /** The edit once more, of what is there now. Words are replaced only where the text is still the same. */
  again(own) {
    const now = this.present(own);
    if (!now || (own.kind === "replace" && now.text !== own.before)) return null;
    if (own.kind === "speaker") return edit(now, "speaker", { after: own.after, was: now.speaker });
    return own.kind === "confirm" ? edit(now, "text", { after: own.before }) : edit(now, own.kind, { after: own.after });
  }

  /** The Passage of an edit as it is now, or what is at its time. */
  present(own) {
    return this.model.saved(own.passage) || this.model.saved(this.model.during(own.start_ms));
  }

  /** One that is told, with what can be done about it; without a `key` it only stands until one of them is chosen. */
  add({ key = "", mine, theirs, why, start, choose = [] }) {
    const { words } = this;
    const item = document.createElement("li");
    item.dataset.key = key;
    const add = (name, text) => item.appendChild(Object.assign(document.createElement(name), { textContent: text }));
    add("p", `${start === undefined ? "" : `${this.time(start)} `}${why}`);
    const pairs = document.createElement("dl");
    for (const [name, text] of [[words.mine, mine], [words.theirs, theirs]].filter((pair) => pair[1])) {
      const pair = document.createElement("div");
      pair.append(Object.assign(document.createElement("dt"), { textContent: name }), Object.assign(document.createElement("dd"), { textContent: text, lang: this.lang }));
      pairs.append(pair);
    }
    item.append(pairs);
    const acts = item.appendChild(Object.assign(document.createElement("p"), { className: "acts" }));
    for (const [text, chosen] of choose) {
      const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
      made.addEventListener("click", chosen);
      acts.append(made);
    }
    this.list.append(item);
    this.box.hidden = false;
  }

  time(ms) {
    return positionText(ms / 1000, this.words.separator);
  }
}

/** What an action is called. */
export function kindOf(item) {
  if (item.undoes) return "undo";
  if (item.edits?.length) return item.edits[0].kind;
  const [chapter] = item.chapters || [];
  if (!chapter) return "notes";
  if (!chapter.before || !chapter.after) return chapter.after ? "chapter_begin" : "chapter_remove";
  return chapter.before.start_ms !== chapter.after.start_ms ? "chapter_move" : chapter.before.title !== chapter.after.title ? "chapter_title" : "chapter_link";
}
