// The sound: its buttons, the row that is said now, and the word.

const BACK = 3;

/** `showing` is told the id of the Passage that is said while the sound goes on. */
export function sound(desk, model, rows, showing) {
  const video = document.getElementById("video");
  const separator = document.getElementById("muokkain").dataset.separator;
  const button = desk.querySelector("[name=play]");
  const playing = stream(video, () => (desk.querySelector(".said-aloud").textContent = desk.dataset.broken));
  let now = "";

  const toggle = () => (video.paused ? video.play().catch(() => {}) : video.pause());
  const back = () => playing.seek(Math.max(playing.place - BACK, 0));
  const seek = (ms) => playing.seek(ms / 1000);

  function play(ms) {
    seek(ms);
    video.play().catch(() => {});
  }

  for (const kind of ["play", "pause"]) video.addEventListener(kind, () => button.setAttribute("aria-pressed", String(!video.paused)));
  button.addEventListener("click", toggle);
  desk.querySelector("[name=back]").addEventListener("click", back);
  desk.querySelector("[name=rate]").addEventListener("change", (event) => (video.playbackRate = video.defaultPlaybackRate = Number(event.target.value)));

  // ---- the word that is said, without an element for each word

  function texts(element) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, (node) => (node.parentElement.closest(".unseen") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
    const found = [];
    for (let node; (node = walker.nextNode()); ) found.push(node);
    return found;
  }

  function rangeOf(element, from, to) {
    const range = document.createRange();
    let passed = 0;
    for (const node of texts(element)) {
      if (from >= passed && from < passed + node.length) range.setStart(node, from - passed);
      if (to > passed && to <= passed + node.length) {
        range.setEnd(node, to - passed);
        return range;
      }
      passed += node.length;
    }
    return null;
  }

  function showWord(id, ms) {
    CSS.highlights.delete("word");
    const passage = model.saved(id);
    const element = rows.element(id)?.querySelector(".mirror, .said");
    if (!passage || !element || ms > passage.end + 300) return;
    const index = model.starts(id).findLastIndex((start) => start <= ms + 50);
    const word = wordsOf(element.matches(".mirror") ? element.textContent : model.get(id).text)[index];
    const range = word && rangeOf(element, word.index, word.index + word[0].length);
    if (range) CSS.highlights.set("word", new Highlight(range));
  }

  function show() {
    const ms = playing.place * 1000;
    desk.querySelector(".moment").textContent = positionText(ms / 1000, separator);
    const id = model.during(ms);
    if (id !== now) {
      rows.element(now)?.removeAttribute("aria-current");
      rows.element(id)?.setAttribute("aria-current", "true");
      now = id;
      if (id && !video.paused) showing(id);
    }
    if ("highlights" in CSS) showWord(id, ms);
  }

  for (const kind of ["timeupdate", "seeking"]) video.addEventListener(kind, show);
  return { toggle, back, seek, play };
}
