// Search within the transcript: any form of a word, by the base forms that are published with the page.
"use strict";

(() => {
  const form = document.querySelector(".inside");
  const roll = document.querySelector(".roll");
  if (!form || !roll) return;
  const input = form.querySelector("input");
  const status = form.querySelector("[role=status]");
  const marks = document.querySelector(".marks .hits");
  const WORD = /[\p{L}\p{N}]+(?:[-’'][\p{L}\p{N}]+)*/gu;
  const MOST_MARKS = 500;
  const PIECE_MS = 8;
  const canHighlight = "highlights" in CSS;
  const near = new Set();
  let dictionary = null;
  let reading = null;
  let lines = [];
  let spoken = [];
  let hits = [];
  let marked = [];
  let now = -1;
  let turn = 0;

  const tokens = (text) => [...text.matchAll(WORD)].map((found) => ({ word: found[0].toLowerCase(), from: found.index, to: found.index + found[0].length }));

  /** Reads the words of all lines in pieces, so that a key pressed meanwhile is answered. */
  function read() {
    return (reading ??= (async () => {
      const all = [...roll.querySelectorAll(".passage")].map((element) => ({ element, list: element.parentElement, node: saidIn(element) })).filter((line) => line.node);
      const words = new Set();
      let began = performance.now();
      for (const line of all) {
        line.tokens = tokens(line.node.data);
        for (const token of line.tokens) words.add(token.word);
        if (performance.now() - began < PIECE_MS) continue;
        await new Promise((done) => setTimeout(done));
        began = performance.now();
      }
      lines = all;
      spoken = [...words];
    })());
  }

  function known() {
    return (dictionary ??= fetch(form.dataset.forms)
      .then((answer) => (answer.ok ? answer.json() : {}))
      .catch(() => ({})));
  }

  // ---- which written words answer a word

  async function answering(word, forms) {
    const wanted = new Set([word, ...(forms[word]?.[0] || [])]);
    const answers = (written) => written.startsWith(word) || forms[written]?.some((bases) => bases.some((base) => wanted.has(base)));
    const found = spoken.filter((written) => [written, ...(written.includes("-") ? written.split("-") : [])].some(answers));
    return new Set(found.length ? found : await asked(word));
  }

  /** A form that nobody said: the search of the site knows the word, where there is one. */
  async function asked(word) {
    try {
      const answer = await fetch(`${form.dataset.search}?${new URLSearchParams({ q: word, episode: form.dataset.episode, kind: "passage", limit: 100 })}`);
      if (!answer.ok) return [];
      const { items } = await answer.json();
      return items.flatMap(({ text, highlights }) => highlights.flatMap(([from, to]) => tokens([...text].slice(from, to).join("")).map((token) => token.word)));
    } catch {
      return [];
    }
  }

  // ---- looking

  async function look(from = 0) {
    const mine = ++turn;
    await read();
    const words = tokens(input.value.replace(/(^|\s)-\S+/g, " ")).map((token) => token.word);
    const forms = words.length ? await known() : {};
    const sets = await Promise.all(words.map((word) => answering(word, forms)));
    if (mine !== turn) return;
    const found = lines.map((line) => ({ ...line, tokens: line.tokens.filter((token) => sets.some((set) => set.has(token.word))) })).filter((line) => line.tokens.length);
    const whole = found.filter((line) => sets.every((set) => line.tokens.some((token) => set.has(token.word))));
    hits = whole.length ? whole : found;
    now = hits.findIndex((hit) => endOf(hit.element) > from * 1000) - 1;
    paint();
    tell(!words.length ? "" : hits.length ? form.dataset.count.replace("{count}", hits.length) : form.dataset.none);
    if (hits.length) go(1);
  }

  const ranges = (line) => line.tokens.map(({ from, to }) =>
    new StaticRange({ startContainer: line.node, startOffset: from, endContainer: line.node, endOffset: to }));

  /** Marks the hits in the lists that are near: marks of thousands of words would cost every frame. */
  function mark() {
    for (const hit of marked) hit.element.classList.remove("hit");
    marked = hits.filter((hit) => near.has(hit.list));
    for (const hit of marked) hit.element.classList.add("hit");
    if (canHighlight) CSS.highlights.set("found", new Highlight(...marked.flatMap(ranges)));
  }

  function paint() {
    mark();
    for (const button of form.querySelectorAll("button")) button.disabled = !hits.length;
    if (!marks) return;
    const length = Number(marks.dataset.length) * 1000;
    const places = new Set(hits.map((hit) => Math.round((MOST_MARKS * hit.element.dataset.start) / length)));
    marks.replaceChildren(...[...places].map((place) => {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("x", `${((100 * place) / MOST_MARKS).toFixed(1)}%`);
      return rect;
    }));
  }

  const tell = (text) => (status.textContent = text);

  function go(step, focus = false) {
    if (!hits.length) return;
    now = (now + step + hits.length) % hits.length;
    if (canHighlight) CSS.highlights.set("found-now", new Highlight(...ranges(hits[now])));
    tell(form.dataset.at.replace("{now}", now + 1).replace("{count}", hits.length));
    document.dispatchEvent(new CustomEvent("reading", { detail: { element: hits[now].element, focus } }));
  }

  // ---- by hand and by keys

  const observer = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) near[isIntersecting ? "add" : "delete"](target);
    if (hits.length) mark();
  }, { root: roll, rootMargin: "100% 0px" });
  for (const list of roll.querySelectorAll("ol")) observer.observe(list);

  input.addEventListener("focus", () => {
    read();
    known();
  });
  input.addEventListener("input", () => look());
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("[name=previous]").addEventListener("click", () => go(-1));
  form.querySelector("[name=next]").addEventListener("click", () => go(1));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
  });
  roll.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "n" || event.ctrlKey || event.metaKey || event.altKey) return;
    go(event.shiftKey ? -1 : 1, true);
  });

  form.hidden = false;
  input.value = new URLSearchParams(location.search).get("q") || "";
  if (input.value) look(secondsOf(location.hash) || 0);
})();
