// The chapters: which items of the agenda have a place in the text, where, and what is done with them.
import { beginning, isAs } from "./model.js";

/** `on` has what else happens: done, ask, say, here (the id of the Passage that is meant) and go (to a row). */
export class Chapters {
  #box;
  #model;
  #words;
  #agenda;
  #on;
  #lang;
  #dialog;
  #form;
  #more;
  #known = "";
  #chosen = "";
  #changed = null;
  #row = "";

  constructor(box, model, words, agenda, on) {
    [this.#box, this.#model, this.#words, this.#agenda, this.#on] = [box, model, words, [...new Set(agenda)], on];
    this.#lang = document.getElementById("muokkain").dataset.lang;
    this.#dialog = document.getElementById("asiakohta");
    this.#form = this.#dialog.querySelector("form");
    this.#more = box.querySelector("details.found");
    this.#form.elements.agenda.append(...this.#agenda.map((title) => new Option(title)));
    for (const name of ["begin", "edit", "remove", "go", "add"]) box.querySelector(`[name=${name}]`).addEventListener("click", () => this[name]());
    box.addEventListener("change", ({ target }) => target.name === "chapter" && this.#choose(target.value));
    this.#form.addEventListener("submit", (event) => event.submitter.name === "save" && this.#save(event));
    this.#form.elements.agenda.addEventListener("change", () => this.#titled());
    this.#form.elements.remove.addEventListener("click", () => (this.#dialog.close(), this.#remove(this.#changed)));
    this.#more.addEventListener("toggle", () => this.#more.open && this.#tell());
  }

  /** Items of the agenda that begin nowhere. */
  get #missing() {
    const placed = new Set(this.#model.chapters.map((chapter) => chapter.item));
    return this.#agenda.filter((title) => !placed.has(title));
  }

  /** What can be chosen, by its value: items that begin nowhere, and chapters, of one title the first, the second… */
  get #choices() {
    const found = new Map(this.#missing.map((title) => [`-${title}`, { title, item: title, start: null }]));
    for (const chapter of this.#model.chapters) {
      let number = 1;
      while (found.has(`${number} ${chapter.title}`)) number++;
      found.set(`${number} ${chapter.title}`, chapter);
    }
    return found;
  }

  #meant() {
    return this.#choices.get(this.#chosen);
  }

  /** Show them, unless nothing is another. */
  show() {
    const known = JSON.stringify(this.#model.chapters);
    if (known === this.#known) return;
    this.#known = known;
    const choices = [...this.#choices];
    const held = this.#box.contains(document.activeElement) && document.activeElement.name === "chapter";
    const [missing, placed] = [true, false].map((isMissing) => choices.filter(([, each]) => (each.start === null) === isMissing));
    for (const [name, found] of [["missing", missing], ["placed", placed]]) {
      this.#box.querySelector(`.${name}`).replaceChildren(...found.map(([value, each]) => this.#item(value, each)));
    }
    this.#box.querySelector(".without").hidden = !missing.length;
    this.#box.querySelector(".count").textContent = missing.length || "";
    this.#choose(choices.some(([value]) => value === this.#chosen) ? this.#chosen : choices[0]?.[0] || "", held);
    if (this.#more.open) this.#tell();
  }

  #item(value, { title, item = "", start = null, by = "" }) {
    const made = document.createElement("li");
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "radio", name: "chapter", value });
    const name = Object.assign(document.createElement("span"), { textContent: title, lang: this.#lang });
    label.append(box, " ");
    if (start !== null) label.append(Object.assign(document.createElement("span"), { className: "when", textContent: this.#at(start) }), " ");
    label.append(name);
    const more = [item && item !== title ? item : "", start !== null && by].filter(Boolean).join(", ");
    if (more) label.append(Object.assign(document.createElement("small"), { textContent: more }));
    made.append(label);
    return made;
  }

  #at(ms) {
    return positionText(ms / 1000, this.#words.separator);
  }

  #choose(value, focus = false) {
    this.#chosen = value;
    const box = [...this.#box.querySelectorAll("[name=chapter]")].find((each) => each.value === value);
    if (box) box.checked = true;
    if (box && focus) box.focus();
    const meant = this.#meant();
    for (const name of ["edit", "remove", "go"]) this.#box.querySelector(`[name=${name}]`).disabled = meant?.row === undefined;
    this.here();
  }

  /** Another row is meant: say where a chapter would begin. */
  here() {
    const button = this.#box.querySelector("[name=begin]");
    const passage = this.#model.get(this.#on.here());
    button.disabled = !passage || !this.#meant();
    button.textContent = passage ? this.#words.begin_at.replace("{at}", this.#at(passage.start)) : this.#words.begin;
  }

  /** What is chosen begins with the row that is meant. */
  begin() {
    const meant = this.#meant();
    const passage = this.#model.get(this.#on.here());
    if (!meant || !passage) return this.#on.say(this.#words.choose_chapter);
    if (meant.row !== undefined) return this.#move(meant, passage);
    const at = this.#agenda.indexOf(meant.item);
    this.#on.done({ before: null, after: beginning({ title: meant.title, item: meant.item }, passage) });
    this.#on.say(this.#words.begins_at.replace("{title}", meant.title).replace("{at}", this.#at(passage.start)));
    const missing = this.#missing;
    const next = missing.find((title) => this.#agenda.indexOf(title) > at) || missing[0];
    if (next) this.#choose(`-${next}`);
  }

  #move(chapter, passage) {
    if (chapter.start === passage.start) return this.#on.say(this.#words.begins_here_already);
    const after = { title: chapter.title, item: chapter.item };
    this.#on.done({ before: this.#before(chapter), after: beginning(after, passage) });
    this.#on.say(this.#words.begins_at.replace("{title}", chapter.title).replace("{at}", this.#at(passage.start)));
  }

  #before(chapter) {
    return beginning(chapter, this.#model.get(chapter.row));
  }

  /** The chapter that begins with a row goes to the one before it or after it; gives that row. */
  step(id, step, at = 0) {
    const chapter = this.#model.beginning(id)[at];
    const { ids } = this.#model;
    const to = ids[this.#model.at(id) + step];
    if (!chapter || !to) return id;
    this.#move(chapter, this.#model.get(to));
    return to;
  }

  go() {
    this.#on.go(this.#meant().row);
  }

  remove() {
    this.#remove(this.#meant());
  }

  #remove(chapter) {
    this.#on.done({ before: this.#before(chapter), after: null });
    this.#on.say(this.#words.chapter_removed.replace("{title}", chapter.title));
  }

  edit() {
    this.#open(this.#meant());
  }

  add() {
    this.#open(null);
  }

  /** The chapter that begins with a row, to be changed; else a new one that begins there. */
  open(id, at = 0) {
    this.#open(this.#model.beginning(id)[at] || null, id);
  }

  #open(chapter, id = this.#on.here()) {
    const passage = this.#model.get(chapter ? chapter.row : id);
    if (!passage) return;
    [this.#changed, this.#row] = [chapter, passage.id];
    const chosen = this.#meant();
    const shown = chapter || (chosen && chosen.row === undefined ? chosen : { title: "", item: "" });
    const { title, agenda, remove } = this.#form.elements;
    [title.value, agenda.value, remove.hidden] = [shown.title, shown.item, !chapter];
    this.#dialog.querySelector("h2").textContent = chapter ? this.#words.chapter_edit : this.#words.chapter_add;
    this.#dialog.querySelector(".where").textContent = `${this.#at(chapter ? chapter.start : passage.start)} ${passage.text}`;
    this.#dialog.showModal();
    title.select();
  }

  /** A title that is an item's, or none, becomes that of the item which was chosen. */
  #titled() {
    const { title, agenda } = this.#form.elements;
    if (agenda.value && (!title.value.trim() || this.#agenda.includes(title.value.trim()))) title.value = agenda.value;
  }

  #save(event) {
    event.preventDefault();
    const { title, agenda } = this.#form.elements;
    const wanted = { title: wordsOf(title.value).map(([word]) => word).join(" "), item: agenda.value };
    if (!wanted.title) return title.focus();
    this.#dialog.close();
    const chapter = this.#changed;
    if (!chapter) return this.#on.done({ before: null, after: beginning(wanted, this.#model.get(this.#row)) });
    const before = this.#before(chapter);
    const after = { ...before, ...wanted };
    if (!isAs({ ...wanted, start: chapter.start }, before)) this.#on.done({ before, after });
  }

  /** What the machine found, and what persons did since. */
  async #tell() {
    const told = await this.#on.ask("chapters");
    const [found, edits] = this.#more.querySelectorAll("ol");
    if (!told) return found.replaceChildren(this.#words.not_now);
    const stands = (chapter) => this.#model.chapters.some((each) => each.title === chapter.title && each.start === chapter.start);
    found.replaceChildren(...told.found.map((chapter) => this.#told(stands(chapter) ? "span" : "del", `${this.#at(chapter.start)} ${chapter.title}`)));
    const of = (one) => (one ? `${one.title} ${this.#at(one.start)}` : "");
    const line = (each) =>
      `${new Date(each.at).toLocaleString(document.documentElement.lang)} ${each.by}: ${this.#words[`kind_${each.kind}`]}: ${[of(each.before), of(each.after)].filter(Boolean).join(" → ")}${each.undone ? ` (${this.#words.undone})` : ""}`;
    edits.replaceChildren(...told.edits.map((each) => this.#told("span", line(each))));
    if (!told.edits.length) edits.replaceChildren(this.#words.no_history);
  }

  #told(name, text) {
    const made = document.createElement("li");
    made.append(Object.assign(document.createElement(name), { textContent: text }));
    return made;
  }
}
