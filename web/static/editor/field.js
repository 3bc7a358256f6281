// The row that is open: its text to be written in, and what is known of it.
import { edit } from "./model.js";

const WRITING = 200;

/** A text with what another one has in its place marked, word by word. */
export function compared(before, after) {
  const [one, other] = [before, after].map((text) => wordsOf(text).map(([word]) => word));
  const same = Array.from({ length: one.length + 1 }, () => new Uint16Array(other.length + 1));
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) same[i][j] = one[i] === other[j] ? same[i + 1][j + 1] + 1 : Math.max(same[i + 1][j], same[i][j + 1]);
  }
  const shown = document.createElement("p");
  let [i, j] = [0, 0];
  const add = (name, word) => {
    const piece = name ? document.createElement(name) : document.createTextNode(word);
    if (name) piece.textContent = word;
    shown.append(piece, " ");
  };
  while (i < one.length || j < other.length) {
    if (i < one.length && j < other.length && one[i] === other[j]) add("", one[i++], j++);
    else if (i < one.length && (j === other.length || same[i + 1][j] >= same[i][j + 1])) add("del", one[i++]);
    else add("ins", other[j++]);
  }
  return shown;
}

/** `on` has what else happens: done, next, ask, seek, and the names of speakers. */
export class Field {
  #rows;
  #model;
  #store;
  #words;
  #on;
  #element = null;
  #area = null;
  #before = null;
  #speaker = "";
  #timer = 0;

  constructor(rows, model, store, words, on) {
    [this.#rows, this.#model, this.#store, this.#words, this.#on] = [rows, model, store, words, on];
  }

  /** The id of the row that is open; empty when none is. */
  id = "";

  /** Open a row, with the caret at a place of its text. */
  open(id, { caret = null, text = null, focus = true } = {}) {
    if (id === this.id) return;
    this.close();
    const passage = this.#model.get(id);
    if (!passage || passage.locked) return;
    this.id = id;
    this.#before = passage;
    this.#speaker = passage.speaker;
    this.#rows.choose(id);
    this.#build(passage, text ?? (passage.lost ? "" : passage.text));
    const row = this.#rows.element(id);
    row.classList.add("open");
    row.querySelector(".said").parentElement.replaceWith(this.#element);
    if (!focus) return;
    this.#area.focus({ preventScroll: true });
    const end = caret ?? 0;
    this.#area.setSelectionRange(end, end);
    this.#rows.show(id);
  }

  #build(passage, text) {
    const words = this.#words;
    this.#element = document.createElement("div");
    const withdrawn = this.#rows.withdrawn(passage.id).map((text) => `<p class="notice">${text}. ${words.withdrawn_help}</p>`).join("");
    this.#element.innerHTML = `
      ${withdrawn}
      <label class="who">${words.speaker} <input list="puhujat" maxlength="200" autocomplete="off"></label>
      <label class="run"><input type="checkbox"> ${words.onwards}</label>
      <div class="field"><p class="mirror" aria-hidden="true"></p><textarea rows="1" spellcheck="true"></textarea></div>
      <div class="acts">
        <button type="button" class="button" name="confirm">${words.confirm_next}</button>
        <button type="button" name="split">${words.split}</button>
        <button type="button" name="merge">${words.merge}</button>
        <button type="button" name="delete">${words.delete}</button>
        <button type="button" name="chapter" aria-haspopup="dialog">${words.chapter}</button>
      </div>
      <details name="machine"><summary>${words.machine}</summary></details>
      <details name="captions"><summary>${words.captions}</summary></details>
      <details name="history"><summary>${words.history}</summary></details>`;
    this.#area = this.#element.querySelector("textarea");
    this.#area.value = text;
    this.#area.lang = document.getElementById("muokkain").dataset.lang;
    this.#area.setAttribute("aria-label", words.text_of.replace("{at}", positionText(passage.start / 1000, words.separator)));
    this.#grow();
    const speaker = this.#element.querySelector(".who input");
    speaker.value = passage.speaker;
    speaker.addEventListener("change", () => this.#name(speaker.value.trim()));
    this.#element.querySelector(".run input").addEventListener("change", ({ target }) => target.checked && this.#name(speaker.value.trim()));
    this.#area.addEventListener("input", () => this.#written());
    this.#area.addEventListener("keydown", (event) => this.#key(event));
    this.#element.addEventListener("keydown", (event) => event.key === "Escape" && this.leave());
    for (const [name, act] of Object.entries({ confirm: () => this.confirm(), split: () => this.split(), merge: () => this.merge(), delete: () => this.delete(), chapter: () => this.#on.chapter(this.id) })) {
      const button = this.#element.querySelector(`[name=${name}]`);
      // A press must not take the caret away.
      button.addEventListener("pointerdown", (event) => event.preventDefault());
      button.addEventListener("click", act);
    }
    for (const details of this.#element.querySelectorAll("details")) details.addEventListener("toggle", () => this.#tell(details), { once: true });
  }

  // The text stands in a paragraph, too, which gives the field its height and shows the word that is said.
  #grow() {
    this.#element.querySelector(".mirror").textContent = `${this.#area.value}\u200b`;
  }

  #written() {
    this.#grow();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), WRITING);
  }

  #keep() {
    if (this.id) this.#store.draft = { passage: this.id, before: this.#before.text, text: this.#area.value };
  }

  #key(event) {
    if (event.key !== "Enter" || event.isComposing || event.altKey) return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) this.split();
    else this.confirm();
  }

  /** What was written, as an edit; null when nothing is another. */
  #edit() {
    const text = wordsOf(this.#area.value).map(([word]) => word).join(" ");
    const was = this.#before.lost ? "" : this.#before.text;
    if (text === was) return null;
    return edit(this.#before, text ? "text" : "delete", { after: text });
  }

  /** Close the row; what was written is saved. */
  close() {
    if (!this.id) return;
    const written = this.#edit();
    const id = this.#shut();
    if (written) this.#on.done([written]);
    else this.#rows.refresh([id]);
  }

  #shut() {
    const id = this.id;
    clearTimeout(this.#timer);
    this.#store.draft = null;
    const row = this.#rows.element(id);
    row?.classList.remove("open");
    this.id = "";
    this.#element = null;
    return id;
  }

  leave() {
    const { id } = this;
    this.close();
    this.#rows.choose(id, { focus: true });
  }

  /** It is right as it is written here; go on to the next. */
  confirm() {
    const { id } = this;
    const passage = this.#before;
    const written = this.#edit();
    const next = this.#rows.beside(id, 1);
    this.#shut();
    if (written) this.#on.done([written]);
    else if (!passage.checked && passage.text && !passage.lost) this.#on.done([edit(passage, "confirm")]);
    else this.#rows.refresh([id]);
    if (next === id) this.#rows.choose(id, { focus: true });
    else this.open(next);
  }

  split() {
    const before = this.#area.value.slice(0, this.#area.selectionStart);
    const written = this.#edit();
    const text = written ? written.after : this.#before.text;
    const whole = wordsOf(text).length;
    // A caret within a word means the border before it.
    const at = wordsOf(before).length - (/\S$/.test(before) && /^\S/.test(this.#area.value.slice(before.length)) ? 1 : 0);
    if (at < 1 || at >= whole) return this.#on.say(this.#words.no_split);
    const made = { ...this.#before, text };
    this.#shut();
    this.#on.done([...(written ? [written] : []), edit(made, "split", { at_word: at })]);
  }

  merge() {
    const next = this.#next();
    if (!next) return this.#on.say(this.#words.no_merge);
    const written = this.#edit();
    const made = { ...this.#before, text: written ? written.after : this.#before.text };
    this.#shut();
    this.#on.done([...(written ? [written] : []), merging(made, next)]);
  }

  #next() {
    return following(this.#model, this.id);
  }

  delete() {
    const passage = this.#before;
    const next = this.#rows.beside(this.id, 1);
    this.#shut();
    this.#on.done([edit(passage, "delete")]);
    this.#rows.choose(next, { focus: true });
  }

  /** Name who speaks, here or as far as the speaker is the same. */
  #name(name) {
    const ids = this.#element.querySelector(".run input").checked ? this.#run() : [this.id];
    const written = this.#edit();
    const edits = ids.map((id) => this.#model.get(id)).filter((passage) => passage.text && passage.speaker !== name);
    const text = (passage) => (passage.id === this.id && written ? { ...passage, text: written.after } : passage);
    if (!edits.length) return;
    if (written) this.#before = { ...this.#before, text: written.after, checked: true };
    this.#on.done([...(written ? [written] : []), ...edits.map((passage) => edit(text(passage), "speaker", { after: name, was: passage.speaker }))]);
    this.#on.spoken(name);
    this.#before = { ...this.#before, speaker: name };
  }

  /** This one, and those after it that had the speaker that it had when it was opened. */
  #run() {
    const { ids } = this.#model;
    const found = [this.id];
    for (let at = this.#model.at(this.id) + 1; at < ids.length && this.#model.get(ids[at]).speaker === this.#speaker; at++) found.push(ids[at]);
    return found;
  }

  speaker() {
    this.#element?.querySelector(".who input").focus();
  }

  async #tell(details) {
    const name = details.getAttribute("name");
    if (name === "machine") return details.append(compared(this.#before.words.map((word) => word[2]).join(" "), this.#area.value));
    const told = await this.#on.ask(`passages/${encodeURIComponent(this.id)}/${name}`);
    if (!told) return details.append(this.#words.not_now);
    details.append(name === "captions" ? this.#captions(told.captions) : this.#history(told.edits));
  }

  #captions(found) {
    const list = document.createElement("ol");
    for (const caption of found) {
      const item = document.createElement("li");
      item.className = "caption";
      item.append(...caption.lines.flatMap((line) => [line, document.createElement("br")]).slice(0, -1));
      const speed = document.createElement("small");
      speed.textContent = this.#words.speed.replace("{speed}", caption.speed);
      item.append(speed);
      list.append(item);
    }
    return list;
  }

  #history(found) {
    const list = document.createElement("ol");
    for (const each of found) {
      const item = document.createElement("li");
      const head = document.createElement("small");
      head.textContent = `${new Date(each.at).toLocaleString(document.documentElement.lang)} ${each.by}: ${this.#words[`kind_${each.kind}`]}${each.undone ? ` (${this.#words.undone})` : ""}`;
      item.append(head, each.kind === "speaker" || each.reason ? document.createTextNode(` ${each.reason || each.after}`) : compared(each.before, each.after));
      list.append(item);
    }
    return found.length ? list : this.#words.no_history;
  }
}

/** The next Passage that says anything. */
export function following(model, id) {
  const next = model.ids.slice(model.at(id) + 1).find((other) => model.get(other).text);
  return next ? model.get(next) : null;
}

export function merging(passage, next) {
  return { ...edit(passage, "merge", { at_word: wordsOf(passage.text).length }), end_ms: next.end, before: `${passage.text} ${next.text}` };
}
