// Times in addresses and on the page.
"use strict";

/** Seconds of an address's fragment: `t=83.4`, `t=1m23s`, `t=1:23`, `t=1.02.03`. One point alone is a decimal one. */
function secondsOf(fragment) {
  const text = new URLSearchParams(fragment.replace(/^#/, "")).get("t");
  if (!text) return null;
  const spoken = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$/.exec(text);
  const clock = /^(\d+):(\d\d)(?::(\d\d))?$/.exec(text) || /^(\d+)\.(\d\d)\.(\d\d)$/.exec(text);
  if (clock) return clock.slice(1).filter((n) => n !== undefined).reduce((sum, n) => sum * 60 + Number(n), 0);
  if (!spoken) return null;
  return Number(spoken[1] || 0) * 3600 + Number(spoken[2] || 0) * 60 + Number(spoken[3] || 0);
}

/** A place on the timeline as the page writes it: 3.20 or 1.02.03. */
function positionText(seconds, separator) {
  const whole = Math.max(0, Math.floor(seconds));
  const figures = [Math.floor(whole / 60) % 60, whole % 60].map((n) => String(n).padStart(2, "0"));
  const hours = Math.floor(whole / 3600);
  if (hours) return [hours, ...figures].join(separator);
  return [Number(figures[0]), figures[1]].join(separator);
}
