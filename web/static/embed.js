// The player in a frame: HLS where the browser lacks it, and the moment in the address.
"use strict";

(() => {
  const video = document.getElementById("video");
  if (!video) return;

  function tellBroken() {
    const notice = document.querySelector(".broken");
    notice.textContent = notice.dataset.text;
    notice.hidden = false;
  }

  function attach() {
    if (!window.Hls || !Hls.isSupported()) return;
    const address = video.src;
    const hls = new Hls({ autoStartLoad: false, capLevelToPlayerSize: true, maxBufferLength: 20, backBufferLength: 60 });
    hls.on(Hls.Events.MANIFEST_PARSED, (_, found) => {
      // Else the captions would be there twice.
      if (found.subtitleTracks.length) video.querySelector("track")?.remove();
    });
    hls.on(Hls.Events.ERROR, (_, error) => {
      if (!error.fatal) return;
      hls.destroy();
      tellBroken();
    });
    // A page may hold many frames: nothing but the playlist is fetched before somebody presses play.
    video.addEventListener("play", () => hls.startLoad(-1), { once: true });
    hls.loadSource(address);
    hls.attachMedia(video);
  }

  function go() {
    const seconds = secondsOf(location.hash);
    if (seconds !== null) video.addEventListener("play", () => (video.currentTime = seconds), { once: true });
  }

  attach();
  go();
})();
