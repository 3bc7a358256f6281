// Links, code for frames and the clipboard, for all that shares a place.
"use strict";

const placeLink = (seconds) => `${location.origin}${location.pathname}#t=${seconds}`;

/** The code of a frame, opening at the place. */
const frameCode = (code, seconds) => code.replace(/(src="[^"#]*)[^"]*/, `$1#t=${seconds}`);

/** Copies, or without a clipboard, which only https has, offers the text in the field to be copied by hand. */
async function copyText(text, status, done, field) {
  try {
    await navigator.clipboard.writeText(text);
    field.parentElement.hidden = true;
    status.textContent = done;
  } catch {
    field.parentElement.hidden = false;
    field.value = text;
    field.select();
  }
}
