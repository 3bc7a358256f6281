// The words of a passage as the page holds them: one text, and beside it when each word begins.
"use strict";

/** As in core/transcript.py: a no-break space divides no word. */
const wordsOf = (text) => [...text.matchAll(/[\S\u00a0]+/g)];

/** The text that was said in a passage, null where nothing was recognised. */
const saidIn = (passage) => passage.querySelector(".said")?.firstChild || null;

/** When the word begins, in seconds, in which a place of the passage's text lies; without times, the passage. */
function secondsAt(passage, offset) {
  const starts = passage.dataset.words?.split(" ") || [];
  const text = saidIn(passage)?.data || "";
  const index = wordsOf(text).findLastIndex((word) => word.index <= offset);
  return (Number(passage.dataset.start) + Number(starts[index] || 0)) / 1000;
}
