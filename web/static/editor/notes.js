// The notes: lines that a person changes, removes and adds. Making the notes anew leaves these as they are.

const KINDS = ["summary", "decision", "action", "question"];

/** `current` gives the Passage on which a new line rests; `done` is told an edit. */
export class NotesList {
  #box;
  #words;
  #separator;
  #current;
  #on;
  #notes = null;

  constructor(box, words, separator, current, on) {
    [this.#box, this.#words, this.#separator, this.#current, this.#on] = [box, words, separator, current, on];
  }

  /** Show them, unless somebody is writing in them or nothing is another. */
  show(notes) {
    const isSame = JSON.stringify(notes) === JSON.stringify(this.#notes);
    if (isSame || this.#box.querySelector("form")) return;
    this.#notes = notes;
    const lines = [...notes.summary, ...notes.sections.flatMap((section) => section.lines)];
    const list = document.createElement("ul");
    list.append(...lines.map((line) => this.#line(line)));
    const add = this.#button(this.#words.add_line, () => this.#write(add, null));
    this.#box.replaceChildren(list, add);
  }

  #button(text, act, name = "") {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: text, name });
    button.addEventListener("click", act);
    return button;
  }

  #line(line) {
    const item = document.createElement("li");
    const [kind, text, acts] = ["small", "p", "p"].map((name) => document.createElement(name));
    kind.textContent = this.#words[line.kind];
    text.textContent = line.text;
    text.lang = document.getElementById("muokkain").dataset.lang;
    const at = this.#button(positionText(line.at_ms / 1000, this.#separator), () => this.#on.play(line.at_ms));
    at.className = "at";
    acts.className = "acts";
    const change = this.#button(this.#words.edit, () => this.#write(item, line));
    const remove = this.#button(this.#words.delete, () => this.#on.done({ before: line, after: null }));
    for (const [button, what] of [[change, this.#words.edit], [remove, this.#words.delete]]) button.setAttribute("aria-label", `${what}: ${line.text}`);
    acts.append(change, remove);
    item.append(at, kind, text, acts);
    return item;
  }

  /** A form in place of a line, or for a new one. */
  #write(place, line) {
    if (this.#box.querySelector("form")) return;
    const passage = line ? null : this.#current();
    if (!line && !passage) return;
    const form = document.createElement("form");
    const words = this.#words;
    const kinds = KINDS.map((kind) => `<option value="${kind}">${words[kind]}</option>`).join("");
    form.innerHTML = `
      ${line ? "" : `<p class="help"></p>`}
      <label>${words.kind} <select name="kind">${kinds}</select></label>
      <label>${words.line} <textarea name="text" rows="3" maxlength="2000" required></textarea></label>
      <label>${words.line_who} <input name="who" maxlength="200"></label>
      <label>${words.line_due} <input name="due" maxlength="200"></label>
      <p class="acts"><button class="button">${words.save}</button> <button type="button" name="cancel">${words.cancel}</button></p>`;
    if (passage) form.querySelector(".help").textContent = words.rests_on.replace("{at}", positionText(passage.start / 1000, this.#separator));
    const shown = line || { kind: "decision", text: passage.text, who: "", due: "" };
    for (const name of ["kind", "text", "who", "due"]) form.elements[name].value = shown[name];
    form.elements.kind.disabled = Boolean(line);
    const close = () => {
      form.replaceWith(place);
      place.querySelector?.("[name]")?.focus();
    };
    form.elements.cancel.addEventListener("click", close);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [text, who, due] = ["text", "who", "due"].map((name) => form.elements[name].value.trim());
      const after = line
        ? { ...line, text, who, due, by: due === line.due ? line.by : null }
        : { kind: form.elements.kind.value, at_ms: passage.start, text, who, due, by: null, passages: [passage.id] };
      close();
      if (text && JSON.stringify(after) !== JSON.stringify(line)) this.#on.done({ before: line, after });
    });
    place.replaceWith(form);
    form.elements.text.focus();
  }
}
