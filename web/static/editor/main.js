// The editor of a transcript: what is read, shown, done, kept and sent.
import { everywhere, log, publishing } from "./dialogs.js";
import { compared, Field, following, merging } from "./field.js";
import { edit, Model } from "./model.js";
import { NotesList } from "./notes.js";
import { Rows } from "./rows.js";
import { Sender } from "./sender.js";
import { sound } from "./sound.js";
import { newId, Store } from "./store.js";

const page = document.getElementById("muokkain");
const desk = page.querySelector(".bench");
const { separator, episode, api } = page.dataset;
const words = { ...JSON.parse(document.getElementById("words").textContent), separator };
const state = desk.querySelector(".state");
const aloud = desk.querySelector(".said-aloud");
const box = page.querySelector(".rows");
const button = (name) => desk.querySelector(`[name=${name}]`);
desk.dataset.broken = words.broken;

const say = (text) => (aloud.textContent = text);

// ---- what there is

const answer = await fetch(api).catch(() => null);
if (!answer?.ok) {
  state.textContent = words.failed;
  throw new Error(state.textContent);
}
const told = await answer.json();
let actions = told.actions;
const model = new Model();
const store = new Store(episode, told.me);
const sender = new Sender(api, store, heard, tell);
const rows = new Rows(box, model, words, separator, () => {});
const field = new Field(rows, model, store, words, { done, say, ask: (path) => sender.ask(path), spoken: know });
const notes = new NotesList(page.querySelector(".lines"), words, separator, () => model.get(field.id || rows.current), {
  done: (note) => act({ notes: [note] }),
  play: (ms) => playing.play(ms),
});

sender.last = told.last;
model.load(told.passages);
model.lay(store.waiting());
rows.draw();
rows.refresh(model.ids.filter((id) => !model.get(id).text || model.get(id).locked));
notes.show(told.notes);
told.speakers.forEach(know);
for (const each of told.unplaced) conflict({ mine: each.text, why: words.unplaced.replace("{by}", each.by), start: each.start });

// ---- what is done

function act(action) {
  sender.push({ id: newId(), ...action });
  overlay();
}

function done(edits, teaches = []) {
  act({ edits, teaches });
}

function overlay() {
  rows.refresh(model.lay(store.waiting()), field.id);
  count();
}

/** What the server tells; nothing, when only the state of what waits is another. */
function heard(news) {
  if (news) {
    actions = news.actions;
    const changed = model.take(news);
    model.lay(store.waiting());
    rows.refresh(changed, field.id);
    notes.show(news.notes);
    refreshLog();
  }
  overlay();
  showConflicts();
}

function count() {
  const left = model.doubts;
  desk.querySelector(".count").textContent = left;
  button("doubtful").setAttribute("aria-label", words.doubtful_left.replace("{count}", left));
}

function tell(kind) {
  const waiting = store.waiting().length;
  state.dataset.state = kind;
  const text = words[kind].replace("{count}", waiting) + (store.isVolatile && waiting ? ` ${words.volatile}` : "");
  if (state.textContent === text) return;
  state.textContent = text;
  if (kind !== "over") return;
  const link = Object.assign(document.createElement("a"), { href: "../../", target: "_blank", textContent: words.sign_in });
  state.append(" ", link);
}

function know(name) {
  const list = document.getElementById("puhujat");
  if (!name || [...list.options].some((option) => option.value === name)) return;
  list.append(Object.assign(document.createElement("option"), { value: name }));
}

addEventListener("beforeunload", (event) => {
  field.close();
  if (store.isVolatile && store.waiting().length) event.preventDefault();
});

// ---- two persons at one place

function showConflicts() {
  const list = page.querySelector(".conflicts ul");
  const known = new Set([...list.children].map((item) => item.dataset.key));
  const open = store.conflicts();
  for (const item of list.children) if (item.dataset.key && !open.some((each) => each.key === item.dataset.key)) item.remove();
  for (const item of open.filter((each) => !known.has(each.key))) conflictOf(item);
  page.querySelector(".conflicts").hidden = !list.children.length;
}

/** Of what one Passage shall say, the last word counts; what else was asked for is told. */
function conflictOf(item) {
  const written = (item.edits || []).filter((each) => ["text", "delete", "confirm", "replace", "speaker"].includes(each.kind));
  const own = written.at(-1);
  const line = item.notes?.[0]?.after;
  const now = own && present(own);
  const choose = [];
  const close = () => {
    store.remove(item);
    showConflicts();
    sender.run();
  };
  if (own && now) choose.push([words.keep_mine, () => (close(), done(written.map(again).filter(Boolean)))]);
  if (line) choose.push([words.keep_mine, () => (close(), act({ notes: [{ before: null, after: line }] }))]);
  choose.push([own && now ? words.keep_theirs : words.drop, close]);
  const mine = line ? line.text : own ? (own.kind === "speaker" ? own.after : own.kind === "delete" ? words.deleted : own.after || own.before) : words[`kind_${item.edits?.[0]?.kind || (item.undoes ? "undo" : "notes")}`];
  const theirs = now && (own.kind === "speaker" ? now.speaker : now.text || words.deleted);
  conflict({ key: item.key, mine, theirs, why: item.why || words.meanwhile, start: own?.start_ms, choose });
}

/** The edit once more, of what is there now. Words are replaced only where the text is still the same. */
function again(own) {
  const now = present(own);
  if (!now || (own.kind === "replace" && now.text !== own.before)) return null;
  if (own.kind === "speaker") return edit(now, "speaker", { after: own.after, was: now.speaker });
  return own.kind === "confirm" ? edit(now, "text", { after: own.before }) : edit(now, own.kind, { after: own.after });
}

/** The Passage of an edit as it is now, or what is at its time. */
function present(own) {
  return model.saved(own.passage) || model.saved(model.during(own.start_ms));
}

function conflict({ key = "", mine, theirs, why, start, choose = [] }) {
  const item = document.createElement("li");
  item.dataset.key = key;
  const add = (name, text) => item.appendChild(Object.assign(document.createElement(name), { textContent: text }));
  add("p", `${start === undefined ? "" : `${positionText(start / 1000, separator)} `}${why}`);
  const pairs = document.createElement("dl");
  for (const [name, text] of [[words.mine, mine], [words.theirs, theirs]].filter((pair) => pair[1])) {
    const pair = document.createElement("div");
    pair.append(Object.assign(document.createElement("dt"), { textContent: name }), Object.assign(document.createElement("dd"), { textContent: text, lang: page.dataset.lang }));
    pairs.append(pair);
  }
  item.append(pairs);
  const acts = item.appendChild(Object.assign(document.createElement("p"), { className: "acts" }));
  for (const [text, chosen] of choose) {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
    made.addEventListener("click", chosen);
    acts.append(made);
  }
  page.querySelector(".conflicts ul").append(item);
  page.querySelector(".conflicts").hidden = false;
}

// ---- tools

const video = document.getElementById("video");
video.src = `${api}/media/${told.picture ? "master" : "audio"}.m3u8`;
video.classList.toggle("unseen", !told.picture);
const follow = button("follow");
const playing = sound(desk, model, rows, (id) => follow.checked && !field.id && rows.show(id));

function undo() {
  const all = [...actions, ...store.waiting().map((item) => ({ id: item.id, by: told.me, kind: item.undoes ? "undo" : item.edits?.[0]?.kind || "notes", undoes: item.undoes }))];
  const undone = new Set(all.filter((action) => !action.undone).map((action) => action.undoes));
  const last = all.findLast((action) => action.by === told.me && action.kind !== "undo" && !action.undone && !undone.has(action.id));
  if (!last) return say(words.nothing_to_undo);
  act({ undoes: last.id });
  say(`${words.undone}: ${words[`kind_${last.kind}`]}`);
}

function toDoubtful(step) {
  const from = model.at(field.id || rows.current);
  const wasOpen = Boolean(field.id);
  if (wasOpen) field.close();
  const id = model.doubtful(from, step);
  if (!id) return say(words.no_doubtful);
  const passage = model.get(id);
  playing.seek(passage.starts?.[passage.doubts[0]] ?? passage.words[passage.doubts[0]]?.[0] ?? passage.start);
  if (wasOpen) field.open(id, { caret: caretOf(passage) });
  else rows.choose(id, { focus: true });
}

/** Before the first doubtful word. */
const caretOf = (passage) => wordsOf(passage.text)[passage.doubts[0]]?.index ?? 0;

function confirmNext() {
  const passage = model.get(rows.current);
  if (passage.text && !passage.checked && !passage.lost && !passage.locked) done([edit(passage, "confirm")]);
  rows.choose(rows.beside(rows.current, 1), { focus: true });
}

function merge() {
  if (field.id) return field.merge();
  const passage = model.get(rows.current);
  const next = following(model, rows.current);
  if (!next || !passage.text) return say(words.no_merge);
  done([merging(passage, next)]);
}

for (const dialog of document.querySelectorAll("dialog")) dialog.addEventListener("close", () => rows.refocus());
button("undo").addEventListener("click", undo);
button("doubtful").addEventListener("click", () => toDoubtful(1));
button("keys").addEventListener("click", () => document.getElementById("nappaimet").showModal());
everywhere(button("everywhere"), words, separator, {
  done,
  compared,
  ask: (path) => (field.close(), sender.ask(path)),
  chosen: () => chosenText,
});
const refreshLog = log(button("log"), words, separator, { actions: () => actions, undo: (id) => act({ undoes: id }) });
publishing(button("publish"), words, { ask: (path, body) => sender.ask(path, body), waits: () => (field.close(), store.all().length > 0) });

// A word that was chosen in the text is the one to be replaced everywhere.
let chosenText = "";
document.addEventListener("selectionchange", () => {
  const active = document.activeElement;
  const text = active?.tagName === "TEXTAREA" ? active.value.slice(active.selectionStart, active.selectionEnd) : String(getSelection());
  if (box.contains(active) || box.contains(getSelection().anchorNode)) chosenText = text.trim().slice(0, 200);
});

// ---- the rows

const ofRow = (event) => event.target.closest(".row")?.dataset.id;

box.addEventListener("click", (event) => {
  const id = ofRow(event);
  if (!id) return;
  if (event.target.closest(".at")) return rows.choose(id), playing.play(model.get(id).start);
  const said = event.target.closest(".said");
  if (!said || String(getSelection())) return;
  const caret = caretAt(said, event);
  playing.seek(timeAt(id, caret));
  field.open(id, { caret });
});

/** How many characters of the text are before where a pointer is. */
function caretAt(said, event) {
  const position = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  if (!position || !said.contains(position.offsetNode)) return 0;
  const range = document.createRange();
  range.setStart(said, 0);
  range.setEnd(position.offsetNode, position.offset);
  return String(range).length;
}

function timeAt(id, caret) {
  const index = wordsOf(model.get(id).text).findLastIndex((word) => word.index <= caret);
  return model.starts(id)[index] ?? model.get(id).start;
}

const IN_LIST = {
  ArrowDown: () => rows.choose(rows.beside(rows.current, 1), { focus: true }),
  ArrowUp: () => rows.choose(rows.beside(rows.current, -1), { focus: true }),
  Enter: () => field.open(rows.current),
  " ": () => field.open(rows.current),
  c: confirmNext,
  n: () => toDoubtful(1),
  p: () => toDoubtful(-1),
  k: playing.toggle,
  j: playing.back,
  m: merge,
  s: () => (field.open(rows.current, { focus: false }), field.speaker()),
  u: undo,
  f: () => button("everywhere").click(),
  "?": () => button("keys").click(),
};
const ANYWHERE = { F2: playing.toggle, F4: playing.back, F8: () => toDoubtful(1), F9: merge };

// Single letters only where the focus is on a row: a screen reader and the browser keep theirs everywhere else.
box.addEventListener("keydown", (event) => {
  if (!event.target.matches(".said") || event.altKey) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") return event.preventDefault(), undo();
  const action = IN_LIST[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  action();
});
document.addEventListener("keydown", (event) => {
  const action = ANYWHERE[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  action();
});

// ---- what was left

showConflicts();
count();
const draft = store.draft;
if (draft && model.has(draft.passage) && model.get(draft.passage).text === draft.before) field.open(draft.passage, { text: draft.text });
else if (draft) conflict({ mine: draft.text, theirs: model.get(draft.passage)?.text, why: words.meanwhile, choose: [[words.drop, (event) => (event.target.closest("li").remove(), showConflicts())]] });
document.documentElement.classList.add("ready");
sender.run();
