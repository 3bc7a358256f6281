// How somebody likes to watch, and where they were: kept in the browser, nowhere else.
"use strict";

(() => {
  const video = document.getElementById("video");
  const form = document.querySelector(".watching form");
  if (!video || !form) return;
  const player = document.querySelector(".player");
  const NEAR_S = 10;
  const EVERY_S = 5;

  // A browser that stores nothing throws; what was chosen then lasts as long as the page.
  function kept(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  }

  function keep(name, value) {
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch {}
  }

  // ---- choices

  function apply() {
    const chosen = Object.fromEntries(new FormData(form));
    video.defaultPlaybackRate = video.playbackRate = Number(chosen.rate);
    [player.dataset.size, player.dataset.colours] = [chosen.size || "", chosen.colours || ""];
    document.dispatchEvent(new CustomEvent("quality", { detail: Number(chosen.quality || 0) }));
    return chosen;
  }

  for (const [name, value] of Object.entries(kept("watching") || {})) {
    const options = [...(form.elements[name]?.options || [])];
    if (options.some((option) => option.value === value)) form.elements[name].value = value;
  }
  form.addEventListener("change", () => keep("watching", apply()));
  video.addEventListener("ratechange", () => (form.elements.rate.value = video.playbackRate));
  form.parentElement.hidden = false;
  apply();

  // ---- the place

  const resume = document.querySelector(".resume");
  if (!resume) return;
  const name = `place ${resume.dataset.id}`;
  const place = kept(name);
  const separator = document.querySelector(".transcript").dataset.separator;
  let last = 0;

  function remember() {
    const isOver = video.currentTime > resume.dataset.length - NEAR_S;
    keep(name, isOver ? 0 : video.currentTime);
    last = video.currentTime;
  }

  video.addEventListener("timeupdate", () => Math.abs(video.currentTime - last) > EVERY_S && remember());
  video.addEventListener("pause", remember);
  if (place > NEAR_S && secondsOf(location.hash) === null) {
    resume.textContent = resume.dataset.text.replace("{at}", positionText(place, separator));
    resume.hidden = false;
    resume.addEventListener("click", () => {
      resume.hidden = true;
      document.dispatchEvent(new CustomEvent("wanted", { detail: place }));
    });
  }
})();
