// What is said just now in a broadcast on the air: text that comes every few seconds, before the picture.
"use strict";

(() => {
  const list = document.querySelector(".tail");
  const ahead = document.querySelector(".ahead");
  const roll = document.querySelector(".roll");
  const separator = document.querySelector(".transcript").dataset.separator;
  const EVERY_MS = 1500;
  let tag = null;
  let passages = [];
  let told = {};
  let isOver = false;

  async function ask() {
    try {
      const answer = await fetch(list.dataset.file, { cache: "no-cache" });
      if (answer.ok) {
        const fresh = answer.headers.get("ETag") || answer.headers.get("Last-Modified");
        if (fresh !== tag) {
          told = await answer.json();
          passages = told.passages || [];
          tag = fresh;
          show();
        }
        tellAge(Date.parse(answer.headers.get("Date")));
      }
    } catch {
      // The page itself, which is asked for too, says that nothing can be had.
    }
    if (!isOver) setTimeout(ask, EVERY_MS);
  }

  function tellAge(now) {
    const age = now - Date.parse(told.made_at);
    if (age >= -1000) document.dispatchEvent(new CustomEvent("tail", { detail: { knownMs: told.known_ms, age } }));
  }

  /** Shows what the Parts' text does not hold. Elements stay, so that focus, selection and place do too. */
  function show() {
    const lines = [...document.querySelectorAll(".roll ol:not(.tail) .passage")];
    const reached = Math.max(0, ...lines.map(endOf));
    const isFirst = !list.children.length && !lines.length;
    const isNear = isFirst || roll.scrollHeight - roll.scrollTop - roll.clientHeight < 80;
    const gone = new Map([...list.children].map((line) => [line.dataset.id, line]));
    passages.filter((passage) => passage.start_ms >= reached).forEach((passage, at) => {
      const line = gone.get(passage.id) || made(passage);
      gone.delete(passage.id);
      correct(line, passage);
      if (list.children[at] !== line) list.insertBefore(line, list.children[at] || null);
    });
    for (const line of gone.values()) leave(line, lines);
    ahead.hidden = !list.children.length;
    if (isNear) roll.scrollTop = roll.scrollHeight;
    document.dispatchEvent(new Event("grown"));
  }

  function made(passage) {
    const line = document.createElement("li");
    line.className = "passage";
    line.dataset.id = passage.id;
    const [link, text, said, mark] = ["a", "p", "span", "span"].map((name) => document.createElement(name));
    [link.className, said.className, mark.className, mark.lang] = ["at", "said", "mark", list.dataset.lang];
    text.append(said, " ", mark);
    line.append(link, text);
    return line;
  }

  function correct(line, passage) {
    const [link, said, mark] = [".at", ".said", ".mark"].map((name) => line.querySelector(name));
    const at = positionText(passage.start_ms / 1000, separator);
    put(link, at);
    link.href = `#t=${passage.start_ms / 1000}`;
    link.setAttribute("aria-label", list.dataset.play.replace("{at}", at));
    const isLost = passage.text === list.dataset.noWords;
    put(said, isLost ? "" : passage.text);
    put(mark, isLost ? list.dataset.notRecognised : passage.unclear ? list.dataset.unclear : passage.provisional ? list.dataset.provisional : "");
    line.classList.toggle("unclear", !!passage.unclear);
    line.classList.toggle("provisional", !!passage.provisional);
    [line.dataset.start, line.dataset.length] = [passage.start_ms, passage.end_ms - passage.start_ms];
  }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  /** Who had the line chosen has the Part's line of the same moment instead. */
  function leave(line, lines) {
    const hadFocus = line.contains(document.activeElement);
    line.remove();
    const same = lines.findLast((other) => Number(other.dataset.start) <= Number(line.dataset.start) + 500);
    if (hadFocus) (same?.querySelector("a") || roll).focus({ preventScroll: true });
  }

  // There is no picture of it to go to yet; the address is right as soon as there is.
  list.addEventListener("click", (event) => {
    const line = event.target.closest(".passage");
    if (!line || event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
    event.preventDefault();
    event.stopPropagation();
    history.replaceState(null, "", line.querySelector("a").getAttribute("href"));
    const later = ahead.querySelector("[role=status]");
    later.textContent = later.dataset.text;
  });

  document.addEventListener("parts", show);
  document.addEventListener("over", () => (isOver = true));
  ask();
})();
