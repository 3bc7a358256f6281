// While a broadcast is on the air its page is written again and again. This one takes over what is new.
"use strict";

(() => {
  const notice = document.getElementById("live");
  const over = document.getElementById("over");
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
    const roll = document.querySelector(".roll");
    const isNear = roll.scrollHeight - roll.scrollTop - roll.clientHeight < 80;
    const [ours, theirs] = [document, page].map((each) => [...each.querySelectorAll(".roll li")]);
    const list = roll.querySelector("ol") || roll.appendChild(page.querySelector(".roll ol")?.cloneNode() || document.createElement("ol"));
    theirs.forEach((line, at) => {
      if (!ours[at]) list.append(document.adoptNode(line));
      else if (!isSame(ours[at], line)) ours[at].replaceWith(document.adoptNode(line));
    });
    for (const line of ours.slice(theirs.length)) line.remove();
    if (isNear) roll.scrollTop = roll.scrollHeight;
    document.dispatchEvent(new Event("grown"));
  }

  const isSame = (one, other) => one.dataset.start === other.dataset.start && one.textContent === other.textContent;

  function end() {
    const link = document.createElement("a");
    [link.href, link.textContent] = [location.pathname, over.dataset.open];
    over.append(over.dataset.text, " ", link);
    over.hidden = false;
    notice.hidden = true;
  }

  setTimeout(look, EVERY_MS);
})();
