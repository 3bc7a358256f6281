// The transcript as rows. One is in the order of Tab; arrows move among them, and one of them is open to be written in.
import { isDoubtful } from "./model.js";

const TOGETHER = 50;

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** `words` are the texts of the page; `chosen` is told which row became the one that is meant. */
export class Rows {
  #box;
  #model;
  #words;
  #separator;
  #chosen;
  #elements = new Map();

  constructor(box, model, words, separator, chosen) {
    [this.#box, this.#model, this.#words, this.#separator, this.#chosen] = [box, model, words, separator, chosen];
  }

  /** The id of the row that is in the order of Tab. */
  current = "";

  /** All of them anew. */
  draw() {
    const { ids } = this.#model;
    const pieces = [];
    for (let at = 0; at < ids.length; at += TOGETHER) {
      pieces.push(`<ol>${ids.slice(at, at + TOGETHER).map((id) => this.#row(id)).join("")}</ol>`);
    }
    this.#box.innerHTML = pieces.join("");
    this.#elements = new Map([...this.#box.querySelectorAll(".row")].map((row) => [row.dataset.id, row]));
    if (ids.length) this.choose(this.#model.has(this.current) ? this.current : ids[0]);
  }

  #row(id) {
    return `<li class="row" data-id="${escaped(id)}">${this.#inside(id)}</li>`;
  }

  #inside(id) {
    const passage = this.#model.get(id);
    const tab = id === this.current ? 0 : -1;
    const withdrawn = this.withdrawn(id).map((text) => `<span class="tag withdrawn">${text}</span>`).join("");
    const who = passage.speaker ? `<span class="who">${escaped(passage.speaker)}</span>` : "";
    const at = positionText(passage.start / 1000, this.#separator);
    const place = `<button type="button" class="at" tabindex="-1"><span class="unseen">${this.#words.play_from} </span>${at}</button>`;
    const begins = this.#model.beginning(id).map(({ title }) => this.#words.begins.replace("{title}", title));
    const state = [...this.withdrawn(id), ...this.#state(passage), ...begins];
    return `${this.#begins(id)}${place}<span class="sign" aria-hidden="true">${this.#sign(passage)}</span><div>${withdrawn}${who}<p class="said" role="button" tabindex="${tab}">${this.#said(passage)}<span class="unseen"> ${state.map(escaped).join(", ")}</span></p></div>`;
  }

  /** What is said of the stretches of a row that are withdrawn. */
  withdrawn(id) {
    const at = (ms) => positionText(ms / 1000, this.#separator);
    return this.#model.withdrawn(id).map(({ start, end }) => this.#words.withdrawn.replace("{start}", at(start)).replace("{end}", at(end)));
  }

  /** The chapters that begin here, above the text. Their buttons are for pointers: a row has keys for all of it. */
  #begins(id) {
    const found = this.#model.beginning(id);
    if (!found.length) return "";
    const words = this.#words;
    const act = (name, at, sign, title) => `<button type="button" name="${name}" value="${at}" tabindex="-1" aria-label="${words[name]}: ${escaped(title)}">${sign}</button>`;
    const shown = found.map(({ title, item, waits }, at) => {
      const of = item && item !== title ? `<small>${escaped(item)}</small>` : "";
      const acts = [act("chapter_up", at, "↑", title), act("chapter_down", at, "↓", title), act("chapter_edit", at, words.edit, title)];
      return `<div${waits ? ` class="waits"` : ""}><h3>${escaped(title)}</h3>${of}${acts.join("")}</div>`;
    });
    return `<div class="begins">${shown.join("")}</div>`;
  }

  #said(passage) {
    if (passage.lost) return `<span class="mark">${this.#words.lost}</span>`;
    if (!passage.text) return `<del>${escaped(passage.words.map((word) => word[2]).join(" "))}</del>`;
    if (!passage.doubts.length) return escaped(passage.text);
    const doubtful = new Set(passage.doubts);
    return wordsOf(passage.text).map(([word], at) => (doubtful.has(at) ? `<mark>${escaped(word)}</mark>` : escaped(word))).join(" ");
  }

  /** What a screen reader says after the words. */
  #state(passage) {
    const words = this.#words;
    if (passage.waits) return [words.waits];
    if (!passage.text) return [words.deleted];
    if (passage.checked) return [words.checked];
    const texts = wordsOf(passage.text);
    const doubts = passage.doubts.map((at) => texts[at]?.[0]).filter(Boolean);
    return [...(passage.unclear && !passage.lost ? [words.unclear] : []), ...(doubts.length ? [words.doubtful.replace("{words}", doubts.join(", "))] : [])];
  }

  #sign(passage) {
    return passage.waits ? "…" : !passage.text ? "✕" : passage.checked ? "✓" : isDoubtful(passage) ? "?" : "";
  }

  element(id) {
    return this.#elements.get(id);
  }

  said(id) {
    return this.#elements.get(id)?.querySelector(".said");
  }

  /** These ids are shown as they are now; what the model has no more goes, and what is new comes. */
  refresh(ids, open) {
    const hadFocus = document.activeElement.matches(".said");
    for (const id of ids) {
      const row = this.#elements.get(id);
      if (!this.#model.has(id)) this.#take(id);
      else if (!row) this.#bring(id);
      else if (id !== open) row.innerHTML = this.#inside(id);
      else this.#head(row, id);
      if (this.#model.has(id)) this.#mark(id);
    }
    if (hadFocus) this.refocus();
  }

  /** Where what had the focus is no more, the row that is meant gets it. */
  refocus() {
    if (!this.#box.closest("#muokkain").contains(document.activeElement)) this.said(this.current)?.focus({ preventScroll: true });
  }

  #mark(id) {
    const [row, passage] = [this.#elements.get(id), this.#model.get(id)];
    row.classList.toggle("gone", !passage.text);
    row.classList.toggle("withdrawn", this.#model.withdrawn(id).length > 0);
    row.ariaBusy = passage.locked ? "true" : null;
  }

  #head(row, id) {
    row.querySelector(".begins")?.remove();
    row.insertAdjacentHTML("afterbegin", this.#begins(id));
  }

  #take(id) {
    this.#elements.get(id)?.remove();
    this.#elements.delete(id);
    if (this.current === id) this.choose(this.#model.ids[0]);
  }

  #bring(id) {
    const before = this.#model.ids[this.#model.at(id) - 1];
    const made = document.createElement("template");
    made.innerHTML = this.#row(id);
    const row = made.content.firstChild;
    const behind = this.#elements.get(before);
    if (behind) behind.after(row);
    else (this.#box.querySelector("ol") || this.#box.appendChild(document.createElement("ol"))).prepend(row);
    this.#elements.set(id, row);
  }

  /** Put one into the order of Tab. */
  choose(id, { focus = false } = {}) {
    if (id !== this.current) {
      this.said(this.current)?.setAttribute("tabindex", "-1");
      this.current = id;
      this.#chosen(id);
    }
    const said = this.said(id);
    said?.setAttribute("tabindex", "0");
    if (focus && said) {
      said.focus({ preventScroll: true });
      this.show(id);
    }
  }

  /** Scroll until it is well in sight. What is far away has a guessed height until it is near: look twice. */
  show(id) {
    const row = this.#elements.get(id);
    if (!row) return;
    const top = document.querySelector(".bench").getBoundingClientRect().bottom;
    const box = row.getBoundingClientRect();
    if (box.top >= top && box.bottom <= innerHeight - 40) return;
    row.scrollIntoView({ block: "center" });
    requestAnimationFrame(() => row.scrollIntoView({ block: "center" }));
  }

  /** The one at a step of so many from another. */
  beside(id, step) {
    const at = this.#model.at(id) + step;
    return this.#model.ids[Math.min(Math.max(at, 0), this.#model.ids.length - 1)];
  }
}
