// The player in a frame: HLS where the browser lacks it, and the moment in the address.
"use strict";

(() => {
  const video = document.getElementById("video");
  if (!video) return;
  // A page may hold many frames: nothing is fetched before somebody presses play.
  const playing = stream(video, () => {
    const notice = document.querySelector(".broken");
    notice.textContent = notice.dataset.text;
    notice.hidden = false;
  });
  const seconds = secondsOf(location.hash);
  if (seconds !== null) playing.seek(seconds);
})();
