// Results while somebody types, words of the archive to choose from, and "/" for the field. The page works without.
"use strict";

(() => {
  const form = document.querySelector("main form");
  const input = document.getElementById("q");
  const list = document.getElementById("ehdotukset");
  const status = document.getElementById("osumia");
  const PAUSE_MS = 300;
  const SLOW_MS = 1000;
  const MOST = 6;

  // ---- results

  let asking = new AbortController();
  let shown = location.search;
  let isRemembered = false;
  let refusedUntil = 0;

  const later = (seconds) => status.dataset.busy.replace("#", Math.ceil(seconds));

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  function address(isTyping) {
    const asked = new URLSearchParams(new FormData(form));
    if (isTyping && asked.has("q")) asked.set("kesken", "1");
    return `${form.action}?${asked}`;
  }

  // An address that is sent on has only what is asked.
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (!value) formData.delete(name);
  });

  /** The server makes the page, also of an unfinished word; what differs in it is taken over. The last question counts. */
  async function show(url) {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const slow = setTimeout(() => say(status.dataset.slow), SLOW_MS);
    try {
      const answer = await fetch(url, { signal });
      if (answer.status === 429) refusedUntil = Date.now() + 1000 * answer.headers.get("Retry-After");
      else if (!answer.ok) throw new Error(answer.status);
      else takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
      if (answer.status === 429) say(later((refusedUntil - Date.now()) / 1000));
      return answer.ok;
    } catch (error) {
      if (!signal.aborted) say(status.dataset.lost);
      return false;
    } finally {
      clearTimeout(slow);
    }
  }

  function takeOver(page) {
    document.title = page.title;
    for (const part of ["#tulokset", "#rajaus", ".ways"]) document.querySelector(part).replaceWith(page.querySelector(part));
    say(page.getElementById("osumia").textContent);
  }

  /** What is typed in one go is one step back. */
  async function search(isTyping) {
    const url = address(isTyping);
    if (Date.now() < refusedUntil) return say(later((refusedUntil - Date.now()) / 1000));
    if (!(await show(url))) return;
    history[isRemembered ? "replaceState" : "pushState"](null, "", url);
    isRemembered = true;
    shown = location.search;
  }

  window.addEventListener("popstate", () => {
    if (location.search === shown) return;
    shown = location.search;
    isRemembered = false;
    close();
    input.value = new URLSearchParams(shown).get("q") || "";
    show(location.href);
  });

  // ---- suggestions: a combobox with a list, of which nothing is chosen unasked

  let offered = [];
  let at = -1;
  let suggesting = new AbortController();

  async function suggest() {
    suggesting.abort();
    suggesting = new AbortController();
    const { signal } = suggesting;
    const typed = input.value.trim();
    if (!typed) return close();
    try {
      const answer = await fetch(`${list.dataset.from}?${new URLSearchParams({ q: input.value })}`, { signal });
      const items = answer.ok ? (await answer.json()).items : [];
      offer(items.filter((item) => item.query.toLowerCase() !== typed.toLowerCase()).slice(0, MOST));
    } catch {
      // Without suggestions one can search all the same.
      if (!signal.aborted) close();
    }
  }

  function offer(items) {
    offered = items;
    list.replaceChildren(...items.map(option));
    open();
  }

  function option(item, number) {
    const line = document.createElement("li");
    const kind = document.createElement("span");
    [line.id, line.role] = [`ehdotus-${number}`, "option"];
    [kind.className, kind.textContent] = ["what", list.dataset[item.kind]];
    line.append(item.query, " ", kind);
    return line;
  }

  function open() {
    const isOpen = offered.length > 0 && document.activeElement === input;
    list.hidden = !isOpen;
    input.setAttribute("aria-expanded", isOpen);
    mark(-1);
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function mark(number) {
    at = number;
    [...list.children].forEach((line, each) => line.setAttribute("aria-selected", each === at));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  /** Up or down; between the last and the first is the field itself. */
  function move(step) {
    if (list.hidden) open();
    const places = offered.length + 1;
    if (!list.hidden) mark(((at + 1 + step + places) % places) - 1);
  }

  function choose(item) {
    stop();
    if (item.url) return location.assign(item.url);
    input.value = item.query;
    search(false);
  }

  const KEYS = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Escape: () => !list.hidden && close(),
    Enter: () => (at < 0 ? false : choose(offered[at])),
  };

  // ---- keys

  let pause = 0;

  function stop() {
    clearTimeout(pause);
    suggesting.abort();
    close();
  }

  input.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      suggest();
      search(true);
    }, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (KEYS[event.key] && KEYS[event.key]() !== false) event.preventDefault();
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", stop);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const number = [...list.children].indexOf(event.target.closest("li"));
    if (number >= 0) choose(offered[number]);
  });

  function isOff() {
    try {
      return localStorage.getItem("shortcuts") === "off";
    } catch {
      return false;
    }
  }

  document.addEventListener("keydown", (event) => {
    const isTaken = event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey;
    if (event.key !== "/" || isTaken || isOff()) return;
    event.preventDefault();
    input.focus();
    input.select();
  });

  const STATES = { role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" };
  for (const [name, value] of Object.entries(STATES)) input.setAttribute(name, value);
})();
