// Search in what was said so far in the broadcast on the air, while its text grows.
"use strict";

(() => {
  const form = document.querySelector(".within");
  const [field, status, answers] = ["input[type=search]", "[role=status]", ".answers"].map((name) => form.querySelector(name));
  const words = JSON.parse(document.getElementById("live-words").textContent);
  const separator = document.querySelector(".transcript").dataset.separator;
  const [TYPED_MS, AGAIN_MS, MOST] = [400, 10_000, 100];
  let timer = null;
  let asked = "";
  let shown = "";

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, TYPED_MS);
  });

  async function ask() {
    clearTimeout(timer);
    asked = field.value.trim();
    if (!asked) return show("", []);
    const query = asked;
    try {
      const parameters = new URLSearchParams({ q: query, episode: form.dataset.episode, kind: "passage", limit: MOST });
      const answer = await fetch(`${form.dataset.api}?${parameters}`);
      if (query !== asked) return;
      if (answer.status === 429) say(words.find_busy);
      else if (answer.ok) show(query, (await answer.json()).items);
      else throw new Error(answer.status);
    } catch {
      say(words.find_away);
    }
    timer = setTimeout(ask, AGAIN_MS);
  }

  /** The newest first. What is as before stays, so that focus does too, and is not said again. */
  function show(query, items) {
    items.sort((one, other) => other.start_ms - one.start_ms);
    const fresh = JSON.stringify([query, items.map((item) => [item.start_ms, item.text])]);
    if (fresh === shown) return;
    shown = fresh;
    const href = answers.contains(document.activeElement) && document.activeElement.getAttribute("href");
    answers.replaceChildren(...items.map(line));
    answers.hidden = !items.length;
    if (href) (answers.querySelector(`a[href="${href}"]`) || field).focus();
    if (!query) return say("");
    const count = items.length === 1 ? words.found_one : words.found.replace("{total}", items.length);
    say(items.length ? count : words.found_none);
  }

  function line(item) {
    const [made, link, at, said] = ["li", "a", "span", "span"].map((name) => document.createElement(name));
    link.href = `#t=${item.start_ms / 1000}`;
    [at.className, said.className] = ["at", "said"];
    at.textContent = positionText(item.start_ms / 1000, separator);
    let from = 0;
    for (const [start, end] of item.highlights) {
      const mark = document.createElement("mark");
      mark.textContent = item.text.slice(start, end);
      said.append(item.text.slice(from, start), mark);
      from = end;
    }
    said.append(item.text.slice(from));
    link.append(at, " ", said);
    made.append(link);
    return made;
  }

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  // What was said a moment ago has no picture yet: its line in the transcript can be read.
  answers.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const ms = Number(link?.getAttribute("href").slice(3)) * 1000;
    if (!link || ms < Number(document.getElementById("live").dataset.length)) return;
    event.preventDefault();
    event.stopPropagation();
    history.replaceState(null, "", link.getAttribute("href"));
    const lines = [...document.querySelectorAll(".roll .passage")];
    lines.findLast((each) => Number(each.dataset.start) <= ms)?.querySelector("a").focus();
    say(words.later);
  });

  field.value = new URLSearchParams(location.search).get("q") || "";
  if (field.value) ask();
})();
