// What was done here and is not saved yet: kept in this browser, over a reload and a session that has ended.

/** Each action has an entry of its own, so that two windows of one person do not write over each other. */
export class Store {
  #storage = null;
  #memory = new Map();
  #prefix;
  #draft;
  #count = 0;

  constructor(episode, me) {
    this.#prefix = `muokkain:${me}:${episode}:`;
    this.#draft = `luonnos:${me}:${episode}`;
    try {
      this.#storage = localStorage;
    } catch {
      // A browser that stores nothing throws.
    }
  }

  /** Whether what waits would be lost with this window. */
  isVolatile = false;

  add(item) {
    const number = `${String(Date.now()).padStart(15, "0")}${String(this.#count++).padStart(5, "0")}`;
    this.put({ ...item, key: `${this.#prefix}${number}` });
  }

  put(item) {
    this.#memory.set(item.key, item);
    this.#write(item.key, JSON.stringify(item));
  }

  remove(item) {
    this.#memory.delete(item.key);
    this.#storage?.removeItem(item.key);
  }

  /** All of them in order, also those of other windows. */
  all() {
    const kept = new Map(this.#memory);
    for (const key of Object.keys(this.#storage || {})) {
      if (key.startsWith(this.#prefix)) kept.set(key, JSON.parse(this.#storage.getItem(key)));
    }
    return [...kept.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  waiting() {
    return this.all().filter((item) => !item.conflict);
  }

  conflicts() {
    return this.all().filter((item) => item.conflict);
  }

  get draft() {
    return JSON.parse(this.#storage?.getItem(this.#draft) || "null");
  }

  /** What is being written now; null when nothing is. */
  set draft(value) {
    if (value) this.#write(this.#draft, JSON.stringify(value));
    else this.#storage?.removeItem(this.#draft);
  }

  #write(key, text) {
    try {
      if (!this.#storage) throw new Error();
      this.#storage.setItem(key, text);
    } catch {
      this.isVolatile = true;
    }
  }
}

/** A name for an action, by which the server knows it again. */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
