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
    const focused = document.activeElement.closest(".roll a, .aside a");
    growBlocks(roll, page.querySelector(".roll"));
    for (const name of ["katkokset", "kohdat", "kunnat"]) growBox(page, name);
    const edge = document.getElementById("edge");
    if (edge) edge.href = page.getElementById("edge").getAttribute("href");
    if (focused && !focused.isConnected) sameLink(focused)?.focus({ preventScroll: true });
    document.dispatchEvent(new Event("parts"));
    if (isNear) roll.scrollTop = roll.scrollHeight;
  }

  /** The chapters of the transcript, each a list with its title before it. What is the same stays the same element. */
  function growBlocks(roll, theirs) {
    const [ours, others] = [roll, theirs].map((each) => [...each.querySelectorAll("ol:not(.tail)")]);
    others.forEach((other, at) => {
      const list = ours[at] || append(roll, other.cloneNode());
      title(list, titleOf(other));
      growList(list, other);
    });
    for (const list of ours.slice(others.length)) {
      titleOf(list)?.remove();
      list.remove();
    }
  }

  const titleOf = (list) => (list.previousElementSibling?.matches("h3") ? list.previousElementSibling : null);

  function title(list, theirs) {
    const ours = titleOf(list);
    if (ours?.textContent === theirs?.textContent) return;
    ours?.remove();
    if (theirs) list.before(document.importNode(theirs, true));
  }

  /** Before what the Parts do not hold yet. */
  function append(roll, list) {
    roll.querySelector(".ahead").before(list);
    return list;
  }

  function growList(list, other) {
    const [ours, theirs] = [list, other].map((each) => [...each.children]);
    theirs.forEach((line, at) => {
      if (!ours[at]) list.append(document.adoptNode(line));
      else if (!isSame(ours[at], line)) ours[at].replaceWith(document.adoptNode(line));
    });
    for (const line of ours.slice(theirs.length)) line.remove();
  }

  const isSame = (one, other) => one.dataset.start === other.dataset.start && one.textContent === other.textContent;

  /** A box beside the picture, such as the municipalities that were named so far. */
  function growBox(page, name) {
    const [ours, theirs] = [document, page].map((each) => each.getElementById(name)?.closest(".box"));
    if (!theirs) ours?.remove();
    else if (!ours) before(theirs);
    else growList(ours.querySelector("ul, ol"), theirs.querySelector("ul, ol"));
  }

  function before(theirs) {
    const follows = [...theirs.parentElement.children].slice([...theirs.parentElement.children].indexOf(theirs) + 1);
    const names = follows.map((box) => box.getAttribute("aria-labelledby"));
    const next = [...document.querySelectorAll(".aside .box")].find((box) => names.includes(box.getAttribute("aria-labelledby")));
    document.querySelector(".aside").insertBefore(document.importNode(theirs, true), next || null);
  }

  const sameLink = (link) =>
    [...document.querySelectorAll(".roll a, .aside a")].find((other) => other.getAttribute("href") === link.getAttribute("href"));

  function offer(name) {
    const note = document.getElementById(name);
    const link = document.createElement("a");
    [link.href, link.textContent] = [location.pathname, note.dataset.open];
    note.replaceChildren(note.dataset.text, " ", link);
    note.hidden = false;
  }

  function end() {
    document.dispatchEvent(new Event("over"));
    offer("over");
    notice.hidden = true;
    document.getElementById("picture").hidden = true;
    document.getElementById("behind").hidden = true;
    document.querySelector(".heading .onair").hidden = true;
  }

  // ---- how far text and picture are behind

  const words = JSON.parse(document.getElementById("live-words").textContent);
  const behind = document.getElementById("behind");

  /** By the server's clock, since the viewer's may be wrong. */
  document.addEventListener("tail", ({ detail: { knownMs, age } }) => {
    const nowMs = knownMs + age;
    const textMs = Math.max(0, ...[...document.querySelectorAll(".passage")].map(endOf));
    const pictureMs = Number(notice.dataset.length);
    behind.textContent = [
      textMs && words.text_behind.replace("{left}", about(nowMs - textMs)),
      pictureMs && words.picture_behind.replace("{left}", about(nowMs - pictureMs)),
    ]
      .filter(Boolean)
      .join(" ");
    behind.hidden = !behind.textContent;
  });

  function about(ms) {
    const seconds = Math.max(5, Math.round(ms / 5000) * 5);
    return seconds < 60 ? words.seconds.replace("{count}", seconds) : words.minutes.replace("{count}", Math.round(seconds / 60));
  }

  setTimeout(look, EVERY_MS);
})();
