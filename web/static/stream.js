// The recording in its <video>: by hls.js where there are media sources, brought when somebody wants to watch.
"use strict";

const HLS_SCRIPT = document.currentScript.dataset.hls;

/** Keeps the place that is wanted until there is something to play; `tellBroken` is called when nothing can be played. */
function stream(video, tellBroken) {
  const OPTIONS = {
    autoStartLoad: false,
    enableCEA708Captions: false,
    capLevelToPlayerSize: true,
    maxBufferLength: 20,
    backBufferLength: 60,
  };
  // hls.js 1.7 goes to the newest when a broadcast on the air is asked for what comes before its first sound, some ms from 0.
  const FIRST = 0.1;
  let onAir = false;
  let wanted = null;
  let height = 0;
  let hls = null;
  let started = false;

  video.addEventListener("loadedmetadata", () => {
    if (wanted !== null) video.currentTime = wanted;
    wanted = null;
  });

  video.addEventListener("seeking", () => {
    if (onAir && video.currentTime < FIRST) video.currentTime = FIRST;
  });

  if (window.MediaSource || window.ManagedMediaSource) {
    const address = video.src;
    video.removeAttribute("src");
    video.load();
    video.addEventListener("play", () => start(address), { once: true });
  }

  function start(address) {
    if (started) return;
    started = true;
    const script = document.createElement("script");
    script.src = HLS_SCRIPT;
    script.onload = () => attach(address);
    script.onerror = tellBroken;
    document.head.append(script);
  }

  function attach(address) {
    if (!Hls.isSupported()) return tellBroken();
    let repaired = false;
    hls = new Hls(OPTIONS);
    hls.on(Hls.Events.MANIFEST_PARSED, (_, found) => {
      // Else the captions would be there twice. Without script, or for sound alone, the page's own remain.
      if (found.subtitleTracks.length) video.querySelector("track[kind=captions]")?.remove();
      choose();
      hls.startLoad(wanted ?? -1);
    });
    hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => (onAir = details.live));
    hls.on(Hls.Events.ERROR, (_, error) => {
      if (!error.fatal) return;
      if (error.type === Hls.ErrorTypes.MEDIA_ERROR && !repaired) {
        repaired = true;
        hls.recoverMediaError();
      } else {
        hls.destroy();
        tellBroken();
      }
    });
    hls.loadSource(address);
    hls.attachMedia(video);
  }

  function choose() {
    if (hls) hls.nextLevel = hls.levels.findIndex((level) => level.height === height);
  }

  return {
    /** Where it plays, or will. */
    get place() {
      return wanted ?? video.currentTime;
    },
    seek(seconds) {
      if (video.readyState) video.currentTime = seconds;
      else wanted = seconds;
    },
    /** Plays the rendition of so many lines; 0 is whatever fits. */
    choose(lines) {
      height = lines;
      choose();
    },
  };
}
