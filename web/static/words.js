// The words of a passage as the page holds them: one text, and beside it when each word begins.
"use strict";

/** As in core/text/transcript.py: a no-break space divides no word. */
const wordsOf = (text) => [...text.matchAll(/[\S\u00a0]+/g)];

/** The text that was said in a passage, null where nothing was recognised. */
const saidIn = (passage) => passage.querySelector(".said")?.firstChild || null;

/** When a passage ends, in milliseconds. */
const endOf = (passage) => Number(passage.dataset.start) + Number(passage.dataset.length);

/** When the words of a passage begin, in seconds; each is told after the one before (web/views.py). */
function startsOf(passage) {
  let at = Number(passage.dataset.start) / 1000;
  return (passage.dataset.words?.split(" ") || []).map((tenths) => (at += tenths / 10));
}

/** When the word begins, in seconds, in which a place of the passage's text lies; without times, the passage. */
function secondsAt(passage, offset) {
  const text = saidIn(passage)?.data || "";
  const index = wordsOf(text).findLastIndex((word) => word.index <= offset);
  return startsOf(passage)[index] ?? Number(passage.dataset.start) / 1000;
}
