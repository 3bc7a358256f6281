// The transcript follows the picture, and the picture goes where the transcript is clicked.
"use strict";

(() => {
  const video = document.getElementById("video");
  const roll = document.querySelector(".roll");
  const followButton = document.querySelector(".follow");
  const found = () =>
    [...document.querySelectorAll(".passage")].map((element) => ({
      element,
      link: element.querySelector("a"),
      start: Number(element.dataset.start) / 1000,
      end: endOf(element) / 1000,
    }));
  let passages = found();
  let chapters = [...document.querySelectorAll(".chapters li")];
  if (!video || !roll) return;

  const FAR = 3;

  // ---- which passage is now

  let current = null;
  let following = true;

  /** The last passage that has begun, by bisection; none before the first. */
  function passageAt(seconds) {
    let [low, high] = [0, passages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (passages[middle].start <= seconds + 0.05) low = middle + 1;
      else high = middle;
    }
    return passages[low - 1] || null;
  }

  function show(seconds) {
    const now = passageAt(seconds);
    if (now !== current) {
      current?.element.removeAttribute("aria-current");
      now?.element.setAttribute("aria-current", "true");
      current = now;
      if (now) rove(passages.indexOf(now));
      if (following) scrollToCurrent();
    }
    showWord(now, seconds);
    for (const chapter of chapters) {
      const inside = chapter.dataset.start / 1000 <= seconds + 0.05 && seconds < chapter.dataset.end / 1000;
      chapter.toggleAttribute("aria-current", inside);
      if (inside) chapter.setAttribute("aria-current", "true");
    }
  }

  function scrollToCurrent() {
    if (current) scrollTo(current.element);
  }

  /** What is far away has the height that is guessed for it (site.css) until it is near: then it is looked at again. */
  function scrollTo(element) {
    const top = () => {
      const [box, around] = [element, roll].map((each) => each.getBoundingClientRect());
      return roll.scrollTop + box.top - around.top - (roll.clientHeight - box.height) / 3;
    };
    const isFar = Math.abs(top() - roll.scrollTop) > FAR * roll.clientHeight;
    roll.scrollTo({ top: top(), behavior: isFar ? "instant" : "auto" });
    if (isFar) requestAnimationFrame(() => roll.scrollTo({ top: top(), behavior: "instant" }));
  }

  // ---- the word that is said, without an element for each word

  const canHighlight = "highlights" in CSS;

  function showWord(now, seconds) {
    if (!canHighlight) return;
    CSS.highlights.delete("word");
    if (!now || seconds > now.end + 0.3 || video.paused && seconds === 0) return;
    const index = startsOf(now.element).findLastIndex((start) => start <= seconds + 0.05);
    const range = wordRange(now, index);
    if (range) CSS.highlights.set("word", new Highlight(range));
  }

  function wordRange(passage, index) {
    const text = saidIn(passage.element);
    const found = text && wordsOf(text.data)[index];
    if (!found) return null;
    const range = document.createRange();
    range.setStart(text, found.index);
    range.setEnd(text, found.index + found[0].length);
    return range;
  }

  // ---- following stops when a person scrolls

  function follow(yes) {
    following = yes;
    followButton.hidden = yes;
    if (yes) scrollToCurrent();
  }

  for (const kind of ["wheel", "touchmove"]) roll.addEventListener(kind, () => follow(false), { passive: true });
  roll.addEventListener("pointerdown", (event) => event.offsetX > roll.clientWidth && follow(false));
  roll.addEventListener("keydown", (event) => {
    if (["PageUp", "PageDown", "Home", "End"].includes(event.key)) follow(false);
    if (event.key === "ArrowUp" || event.key === "ArrowDown") arrow(event);
  });
  followButton.addEventListener("click", () => follow(true));

  // ---- one passage at a time is in the order of Tab; arrows move among them

  let roved = 0;

  function rove(index) {
    if (roll.contains(document.activeElement) && document.activeElement !== roll) return;
    setRoved(index);
  }

  function setRoved(index) {
    passages[roved].link.tabIndex = -1;
    roved = index;
    passages[roved].link.tabIndex = 0;
  }

  function arrow(event) {
    event.preventDefault();
    follow(false);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = document.activeElement === roll ? roved - step : roved;
    setRoved(Math.min(Math.max(at + step, 0), passages.length - 1));
    passages[roved].link.focus();
  }

  // ---- clicking

  function clickedSeconds(passage, event) {
    const position = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    const isSaid = position && position.offsetNode === saidIn(passage.element);
    return isSaid ? secondsAt(passage.element, position.offset) : passage.start;
  }

  roll.addEventListener("click", (event) => {
    const element = event.target.closest(".passage");
    if (!element || event.target.closest("a") || String(getSelection())) return;
    const index = passages.findIndex((passage) => passage.element === element);
    const seconds = clickedSeconds(passages[index], event);
    setRoved(index);
    history.replaceState(null, "", `#t=${seconds.toFixed(1)}`);
    document.dispatchEvent(new CustomEvent("wanted", { detail: seconds }));
  });

  // A broadcast that is on the air: more has come, and some may be another now. Who reads elsewhere is not moved.
  document.addEventListener("grown", () => {
    passages = found();
    chapters = [...document.querySelectorAll(".chapters li")];
    current = passages.find((passage) => passage.element === current?.element) || null;
    for (const passage of passages) passage.link.tabIndex = -1;
    const focused = passages.findIndex((passage) => passage.link === document.activeElement);
    if (passages.length) setRoved(focused < 0 ? Math.min(roved, passages.length - 1) : focused);
    if (!video.paused) show(video.currentTime);
  });

  document.addEventListener("reading", ({ detail }) => {
    follow(false);
    const index = passages.findIndex((passage) => passage.element === detail.element);
    setRoved(index);
    scrollTo(detail.element);
    if (detail.focus) passages[index].link.focus({ preventScroll: true });
  });

  document.addEventListener("seek", (event) => {
    following = true;
    followButton.hidden = true;
    show(event.detail);
    scrollToCurrent();
  });

  for (const passage of passages) passage.link.tabIndex = -1;
  if (passages.length) setRoved(0);
  roll.classList.add("smooth");
  for (const kind of ["timeupdate", "seeking"]) video.addEventListener(kind, () => show(video.currentTime));
})();
