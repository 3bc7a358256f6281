// What is chosen in the transcript is quoted, shared, embedded or reported.
"use strict";

(() => {
  const roll = document.querySelector(".roll");
  const tools = document.querySelector(".tools");
  if (!roll || !tools) return;
  const separator = document.querySelector(".transcript").dataset.separator;
  const frame = document.querySelector(".frame textarea");
  const field = tools.querySelector("textarea");
  const status = tools.querySelector("[role=status]");
  const report = tools.querySelector("a");
  let chosen = null;
  let before = null;

  /** What of the transcript is in the selection, and from when on. */
  function selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed || !roll.contains(selection.anchorNode)) return null;
    const range = selection.getRangeAt(0);
    const pieces = [...roll.querySelectorAll(".passage")]
      .filter((passage) => range.intersectsNode(passage) && saidIn(passage))
      .map((passage) => piece(passage, saidIn(passage), range))
      .filter((each) => each.text.trim());
    if (!pieces.length) return null;
    const [{ passage, from }] = pieces;
    const words = pieces.map((each) => each.text.trim()).join(" ");
    const speakers = [...new Set(pieces.map((each) => each.passage.dataset.speaker).filter(Boolean))];
    return { words, seconds: secondsAt(passage, from), passage, speaker: speakers.length ? `\n– ${speakers.join(", ")}` : "" };
  }

  function piece(passage, node, range) {
    const from = range.startContainer === node ? range.startOffset : 0;
    const to = range.endContainer === node ? range.endOffset : node.length;
    return { passage, from, text: node.data.slice(from, to) };
  }

  function show() {
    const found = selected();
    if (!found) {
      if (!tools.contains(document.activeElement)) tools.hidden = true;
      return;
    }
    chosen = found;
    status.textContent = "";
    field.parentElement.hidden = true;
    tools.querySelector(".at").textContent = positionText(chosen.seconds, separator);
    tools.querySelector("q").textContent = chosen.words;
    if (report) report.href = `${report.dataset.to}&body=${encodeURIComponent(filled(report.dataset.body))}`;
    tools.hidden = false;
  }

  const link = () => placeLink(chosen.seconds.toFixed(1));

  function filled(text) {
    const values = { words: chosen.words, speaker: chosen.speaker, at: positionText(chosen.seconds, separator), link: link() };
    return text.replace(/\{(words|speaker|at|link)\}/g, (_, name) => values[name]);
  }

  const copy = (button, text) => copyText(text, status, button.dataset.done, field);

  function share(button) {
    if (!navigator.share) return copy(button, link());
    // Who changes their mind has not met an error.
    navigator.share({ title: document.title, text: `”${chosen.words}”`, url: link() }).catch(() => {});
  }

  function close() {
    const had = tools.contains(document.activeElement);
    tools.hidden = true;
    getSelection().removeAllRanges();
    if (had) before?.focus();
  }

  const ACTIONS = {
    quote: (button) => copy(button, filled(button.dataset.text)),
    share,
    embed: (button) => copy(button, frameCode(frame.value, chosen.seconds.toFixed(1))),
    close,
  };

  tools.addEventListener("click", (event) => ACTIONS[event.target.closest("button")?.name]?.(event.target.closest("button")));
  // A press on a button must not take the selection away.
  tools.addEventListener("pointerdown", (event) => event.target !== field && event.preventDefault());
  tools.addEventListener("keydown", (event) => event.key === "Escape" && close());
  document.addEventListener("selectionchange", show);

  roll.addEventListener("keydown", (event) => {
    const passage = event.target.closest(".passage");
    if (event.key.toLowerCase() !== "q" || event.ctrlKey || event.metaKey || event.altKey || !passage || !saidIn(passage)) return;
    before = event.target;
    getSelection().selectAllChildren(passage.querySelector(".said"));
    show();
    tools.querySelector("button").focus();
  });
})();
