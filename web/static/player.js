// The player: places in addresses, keys, sharing.
"use strict";

(() => {
  const video = document.getElementById("video");
  document.documentElement.classList.add("scripted");
  if (!video) return;
  const screen = document.querySelector(".screen");
  const separator = document.querySelector(".transcript").dataset.separator;

  // ---- media

  if (customElements.get("media-controller")) video.removeAttribute("controls");
  const playing = stream(video, () => {
    const notice = screen.querySelector(".broken");
    notice.textContent = notice.dataset.text;
    notice.hidden = false;
  });

  // ---- places

  function seek(seconds, { play = false } = {}) {
    playing.seek(seconds);
    if (play) video.play().catch(() => {});
    document.dispatchEvent(new CustomEvent("seek", { detail: seconds }));
    showClock();
  }

  // The controls ask the video, which takes no place before there is something to play.
  screen.addEventListener("mediaseekrequest", (event) => !video.readyState && seek(event.detail), true);

  function followAddress() {
    const seconds = secondsOf(location.hash);
    if (seconds !== null) seek(seconds);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#t="]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.replaceState(null, "", link.getAttribute("href"));
    seek(secondsOf(link.hash), { play: true });
    if (!link.closest(".transcript")) bringIntoView();
  });

  document.addEventListener("quality", (event) => playing.choose(event.detail));
  document.addEventListener("wanted", (event) => seek(event.detail, { play: true }));

  function bringIntoView() {
    const box = screen.querySelector(".player").getBoundingClientRect();
    if (box.top < 0 || box.bottom > innerHeight) screen.scrollIntoView({ block: "start" });
  }

  // ---- keys

  const enabled = document.getElementById("shortcuts");
  // A browser that stores nothing throws; the choice then lasts as long as the page.
  try {
    enabled.checked = localStorage.getItem("shortcuts") !== "off";
    enabled.addEventListener("change", () => localStorage.setItem("shortcuts", enabled.checked ? "on" : "off"));
  } catch {
    enabled.checked = true;
  }

  const toggle = () => (video.paused ? video.play().catch(() => {}) : video.pause());
  const move = (seconds) => seek(Math.min(Math.max(playing.place + seconds, 0), video.duration || Infinity));

  function toggleCaptions() {
    for (const track of video.textTracks) {
      if (track.kind === "captions" || track.kind === "subtitles") track.mode = track.mode === "showing" ? "disabled" : "showing";
    }
  }

  function toggleFullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else screen.querySelector("media-controller").requestFullscreen?.().catch(() => {});
  }

  const KEYS = {
    " ": toggle,
    k: toggle,
    j: () => move(-10),
    l: () => move(10),
    ArrowLeft: () => move(-5),
    ArrowRight: () => move(5),
    c: toggleCaptions,
    m: () => (video.muted = !video.muted),
    f: toggleFullscreen,
    s: () => document.getElementById("sanat")?.focus(),
    "/": () => document.getElementById("q").focus(),
  };

  // These elements have a use of their own for the key.
  function isTaken(event) {
    const path = event.composedPath().filter((node) => node instanceof Element);
    if (path.some((node) => node.matches("input:not([type=checkbox]), select, textarea, [contenteditable]"))) return true;
    const own = event.key === " " ? "button, a, summary, input, [role=button]" : "[role=slider], media-time-range, media-volume-range";
    return (event.key === " " || event.key.startsWith("Arrow")) && path.some((node) => node.matches(`${own}, .roll`));
  }

  document.addEventListener("keydown", (event) => {
    if (!enabled.checked || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || isTaken(event)) return;
    event.preventDefault();
    action();
  });

  // Its own role, button, has no state of being on, which it also tells.
  customElements.get("media-captions-button") && screen.querySelector("media-captions-button")?.setAttribute("role", "switch");

  // ---- sharing

  const place = () => Math.floor(playing.place);
  const box = screen.querySelector(".share");
  const frame = screen.querySelector(".frame");
  const status = box.querySelector("[role=status]");

  box.querySelector("[name=link]").addEventListener("click", () =>
    copyText(placeLink(place()), status, status.dataset.done, box.querySelector("input")));
  frame?.addEventListener("toggle", () => {
    const code = frame.querySelector("textarea");
    code.value = frameCode(code.value, place());
  });
  box.hidden = false;

  const clock = screen.querySelector(".clock");
  const length = Number(clock.dataset.length);

  function showClock() {
    const [now, whole] = [playing.place, video.duration || length].map((n) => positionText(n, separator));
    clock.textContent = `${now} / ${whole}`;
    screen.querySelector(".share .now").textContent = now;
  }

  for (const kind of ["timeupdate", "durationchange", "seeking"]) video.addEventListener(kind, showClock);
  followAddress();
  window.addEventListener("hashchange", followAddress);
})();
