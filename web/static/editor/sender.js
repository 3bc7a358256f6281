// What waits is sent, one action after the other, until the server has taken it.

const PATIENCE = 20_000;
const [FIRST_PAUSE, LONGEST_PAUSE] = [1000, 30_000];
const LOOK_AGAIN = 20_000;
const AWAY = 5 * 60_000;

/**
 * Calls `heard` with what the server tells of the text, and `tell` with the state: saved, saving, away, over (the
 * session has ended) or conflict.
 */
export class Sender {
  #api;
  #store;
  #heard;
  #tell;
  #last = "";
  #isSending = false;
  #pause = FIRST_PAUSE;
  #timer = 0;
  #active = Date.now();

  constructor(api, store, heard, tell) {
    [this.#api, this.#store, this.#heard, this.#tell] = [api, store, heard, tell];
    for (const kind of ["online", "focus"]) window.addEventListener(kind, () => this.#again());
    document.addEventListener("visibilitychange", () => document.hidden || this.#again());
    for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => (this.#active = Date.now()), true);
    // Who does nothing is signed out after a while: asking must not keep the session open.
    setInterval(() => !document.hidden && Date.now() - this.#active < AWAY && this.#look(), LOOK_AGAIN);
  }

  /** The name of the last action that is known. */
  set last(value) {
    this.#last = value;
  }

  push(action) {
    this.#store.add(action);
    this.run();
  }

  async run() {
    if (this.#isSending) return;
    this.#isSending = true;
    clearTimeout(this.#timer);
    let item;
    while ((item = this.#store.waiting()[0]) && (await this.#send(item))) this.#pause = FIRST_PAUSE;
    this.#isSending = false;
    if (!item) this.#tell(this.#store.conflicts().length ? "conflict" : "saved");
  }

  #again() {
    if (this.#store.waiting().length) this.run();
    else this.#look();
  }

  /** What others did meanwhile. */
  async #look() {
    if (this.#isSending) return;
    const answer = await this.ask(`changes?since=${this.#last}`);
    if (answer && !this.#isSending) this.#take(answer);
  }

  #take(told) {
    this.#last = told.last;
    this.#heard(told);
  }

  async #send(item) {
    this.#tell("saving");
    const { id, edits = [], notes = [], chapters = [], undoes = "", teaches = [] } = item;
    const body = JSON.stringify({ id, edits, notes, chapters, undoes, teaches });
    const answer = await this.#fetch(`actions?since=${this.#last}`, body);
    if (!answer) return this.#later("away");
    if (answer.status === 401) return this.#later("over");
    if (answer.status === 403 || answer.status === 429 || answer.status >= 500) return this.#later("away");
    const told = await answer.json().catch(() => null);
    if (!told) return this.#later("away");
    if (answer.ok) this.#store.remove(item);
    else this.#store.put({ ...item, conflict: true, why: told.detail || "" });
    if (told.passages) this.#take(told);
    else this.#heard(null);
    return true;
  }

  #later(state) {
    this.#tell(state);
    this.#timer = setTimeout(() => this.run(), this.#pause);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    return false;
  }

  /** What the API tells under a path; null when it does not. */
  async ask(path, body) {
    const answer = await this.#fetch(path, body);
    return answer?.ok ? answer.json().catch(() => null) : null;
  }

  async #fetch(path, body) {
    const asked = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body } : {};
    try {
      return await fetch(`${this.#api}${path && `/${path}`}`, { ...asked, signal: AbortSignal.timeout(PATIENCE) });
    } catch {
      return null;
    }
  }
}
