// Before a broadcast: how long it is to its beginning, and that it has begun.
"use strict";

(() => {
  const coming = document.getElementById("coming");
  const words = JSON.parse(document.getElementById("coming-words").textContent);
  const clock = document.querySelector(".countdown");
  const soon = document.getElementById("soon");
  const startsAt = Date.parse(coming.dataset.starts);
  const UNITS = [["days", 86400], ["hours", 3600], ["minutes", 60], ["seconds", 1]];
  const SAID_AT = [3600, 600, 60];
  const [NEAR_S, NEAR_EVERY_MS, FAR_EVERY_MS] = [600, 15_000, 300_000];
  let isOver = !clock;
  let before = Infinity;

  const left = () => Math.ceil((startsAt - Date.now()) / 1000);

  /** The two largest units, since nobody counts seconds days before. */
  function inWords(seconds) {
    const first = Math.max(0, UNITS.findIndex(([, size]) => seconds >= size));
    return UNITS.slice(first, first + 2)
      .map(([name, size], at) => [name, Math.floor((at ? seconds % UNITS[first][1] : seconds) / size)])
      .filter(([, count], at) => count || !at)
      .map(([name, count]) => words[name].replace("{count}", count))
      .join(" ");
  }

  function tick() {
    if (isOver) return;
    const seconds = left();
    clock.textContent = seconds > 0 ? words.starts_in.replace("{left}", inWords(seconds)) : words.due;
    clock.hidden = false;
    const passed = SAID_AT.findLast((limit) => seconds <= limit && limit < before);
    if (seconds <= 0 && before > 0) say(words.due);
    else if (passed && before !== Infinity) say(clock.textContent);
    before = seconds;
    setTimeout(tick, 1000 - (Date.now() % 1000));
  }

  // A screen reader hears of an hour, ten minutes, one minute and the beginning; who sees reads the clock.
  function say(text) {
    soon.textContent = text;
    soon.hidden = false;
    soon.classList.add("unseen");
  }

  async function look() {
    try {
      const answer = await fetch(location.pathname, { cache: "no-cache" });
      const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
      const theirs = page && page.getElementById("coming");
      if (page && !theirs) return offer("begun");
      if (theirs && theirs.dataset.revision !== coming.dataset.revision) return offer("changed");
    } catch {
      // It is asked again soon, and until then the page says what is planned.
    }
    // Not all who wait ask in the same moment.
    setTimeout(look, (left() < NEAR_S ? NEAR_EVERY_MS : FAR_EVERY_MS) * (0.75 + Math.random() / 2));
  }

  function offer(name) {
    const note = document.getElementById(name);
    const link = document.createElement("a");
    [link.href, link.textContent] = [location.pathname, note.dataset.open];
    note.hidden = false;
    note.replaceChildren(note.dataset.text, " ", link);
    isOver = true;
    if (clock) clock.hidden = soon.hidden = true;
  }

  tick();
  setTimeout(look, NEAR_EVERY_MS);
})();
