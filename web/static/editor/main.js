// The editor of a transcript: what is read, shown, done, kept and sent.
import { Chapters } from "./chapters.js";
import { Conflicts, kindOf } from "./conflicts.js";
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
let chapters = null;
const rows = new Rows(box, model, words, separator, () => chapters?.here());
const field = new Field(rows, model, store, words, { done, say, ask: (path) => sender.ask(path), spoken: know, chapter: (id) => chapters.open(id) });
const notes = new NotesList(page.querySelector(".lines"), words, separator, () => model.get(field.id || rows.current), {
  done: (note) => act({ notes: [note] }),
  play: (ms) => playing.play(ms),
});

sender.last = told.last;
model.load(told);
model.lay(store.waiting());
rows.draw();
rows.refresh(model.ids.filter((id) => !model.get(id).text || model.get(id).locked || model.withdrawn(id).length));
notes.show(told.notes);
chapters = new Chapters(page.querySelector(".items"), model, words, told.agenda, {
  done: (chapter) => act({ chapters: [chapter] }),
  say,
  ask: (path) => sender.ask(path),
  here: () => field.id || rows.current,
  go: (id) => (field.close(), rows.choose(id, { focus: true })),
});
const conflicts = new Conflicts(page.querySelector(".conflicts"), model, store, words, { lang: page.dataset.lang, done, act, run: () => sender.run() });
chapters.show();
told.speakers.forEach(know);
for (const each of told.unplaced) conflicts.add({ mine: each.text, why: words.unplaced.replace("{by}", each.by), start: each.start });

// ---- what is done

function act(action) {
  sender.push({ id: newId(), ...action });
  overlay();
}

function done(edits, teaches = []) {
  act({ edits, teaches });
}

/** Show what waits here over what the server has told, of which these ids are other ones now. */
function overlay(changed = []) {
  rows.refresh([...new Set([...changed, ...model.lay(store.waiting())])], field.id);
  chapters.show();
  count();
}

/** What the server tells; nothing, when only the state of what waits is another. */
function heard(news) {
  if (news) {
    actions = news.actions;
    overlay(model.take(news));
    notes.show(news.notes);
    refreshLog();
  } else overlay();
  conflicts.show();
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

// ---- tools

const video = document.getElementById("video");
video.src = `${api}/media/${told.picture ? "master" : "audio"}.m3u8`;
if (told.poster) video.poster = `${api}/media/poster.jpg`;
video.classList.toggle("unseen", !told.picture);
const follow = button("follow");
const playing = sound(desk, model, rows, (id) => follow.checked && !field.id && rows.show(id));

function undo() {
  const all = [...actions, ...store.waiting().map((item) => ({ id: item.id, by: told.me, kind: kindOf(item), undoes: item.undoes }))];
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

// A screen reader may give the focus to a row that is not in the order of Tab.
box.addEventListener("focusin", (event) => event.target.matches(".said") && rows.choose(ofRow(event)));

box.addEventListener("click", (event) => {
  const id = ofRow(event);
  if (!id) return;
  const button = event.target.closest(".begins button");
  if (button) return chapterButton(id, button);
  if (event.target.closest(".at")) return rows.choose(id), playing.play(model.get(id).start);
  const said = event.target.closest(".said");
  if (!said || String(getSelection())) return;
  const caret = caretAt(said, event);
  playing.seek(timeAt(id, caret));
  field.open(id, { caret });
});

function chapterButton(id, { name, value }) {
  const at = Number(value);
  if (name === "chapter_edit") return chapters.open(id, at);
  rows.choose(chapters.step(id, name === "chapter_up" ? -1 : 1, at));
}

/** Move the chapter that begins with the row, and go with it. */
function moveChapter(step) {
  const from = rows.current;
  if (!model.beginning(from).length) return say(words.no_chapter_here);
  rows.choose(chapters.step(from, step), { focus: true });
}

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
  b: () => chapters.begin(),
  h: () => chapters.open(rows.current),
  f: () => button("everywhere").click(),
  "?": () => button("keys").click(),
};
const WITH_ALT = { ArrowUp: () => moveChapter(-1), ArrowDown: () => moveChapter(1) };
const ANYWHERE = { F2: playing.toggle, F4: playing.back, F8: () => toDoubtful(1), F9: merge };

// Single letters only where the focus is on a row: a screen reader and the browser keep theirs everywhere else.
box.addEventListener("keydown", (event) => {
  if (!event.target.matches(".said")) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z") return event.preventDefault(), undo();
  const action = event.altKey ? WITH_ALT[event.key] : IN_LIST[event.key.length === 1 ? event.key.toLowerCase() : event.key];
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

page.querySelector(".items").open = matchMedia("(min-width: 70rem)").matches;

// ---- what was left

conflicts.show();
count();
const draft = store.draft;
if (draft && model.has(draft.passage) && model.get(draft.passage).text === draft.before) field.open(draft.passage, { text: draft.text });
else if (draft) conflicts.add({ mine: draft.text, theirs: model.get(draft.passage)?.text, why: words.meanwhile, choose: [[words.drop, (event) => (event.target.closest("li").remove(), conflicts.show())]] });
document.documentElement.classList.add("ready");
sender.run();
