// While a broadcast is on the air its page is written again and again. This one takes over what is new.
"use strict";

(() => {
  const notice = document.getElementById("live");
  const help = notice.textContent;
  const EVERY_MS = 5000;

  async function look() {
    try {
      const answer = await fetch(location.pathname, { cache: "no-cache" });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      notice.textContent = help;
      if (page.getElementById("live")) takeOver(page);
      else return end();
    } catch {
      notice.textContent = notice.dataset.lost;
    }
    setTimeout(look, EVERY_MS);
  }

  function takeOver(page) {
    const length = page.getElementById("live").dataset.length;
    if (length === notice.dataset.length) return;
    notice.dataset.length = length;
    if (page.getElementById("video") && !document.getElementById("video")) offer("picture");
    const roll = document.querySelector(".roll");
    const isNear = roll.scrollHeight - roll.scrollTop - roll.clientHeight < 80;
    const [ours, theirs] = [document, page].map((each) => [...each.querySelectorAll(".roll ol:not(.tail) li")]);
    const list = roll.querySelector("ol:not(.tail)") || before(page.querySelector(".roll ol:not(.tail)"));
    theirs.forEach((line, at) => {
      if (!ours[at]) list.append(document.adoptNode(line));
      else if (!isSame(ours[at], line)) ours[at].replaceWith(document.adoptNode(line));
    });
    for (const line of ours.slice(theirs.length)) line.remove();
    document.dispatchEvent(new Event("parts"));
    if (isNear) roll.scrollTop = roll.scrollHeight;
  }

  /** The list of what the Parts hold, before that of what they do not hold yet. */
  function before(theirs) {
    const list = theirs?.cloneNode() || document.createElement("ol");
    document.querySelector(".ahead").before(list);
    return list;
  }

  function offer(name) {
    const note = document.getElementById(name);
    const link = document.createElement("a");
    [link.href, link.textContent] = [location.pathname, note.dataset.open];
    note.replaceChildren(note.dataset.text, " ", link);
    note.hidden = false;
  }

  const isSame = (one, other) => one.dataset.start === other.dataset.start && one.textContent === other.textContent;

  function end() {
    document.dispatchEvent(new Event("over"));
    offer("over");
    notice.hidden = true;
    document.getElementById("picture").hidden = true;
    document.querySelector(".heading .onair").hidden = true;
  }

  setTimeout(look, EVERY_MS);
})();
