// Find as you type among the municipalities, in either language and without dots: "ahta" finds Ähtäri.
"use strict";

(() => {
  const filter = document.querySelector(".filter");
  const input = filter.querySelector("input");
  const status = filter.querySelector("[role=status]");
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const items = [...document.querySelectorAll(".index li")].map((item) => [item, plain(item.dataset.names)]);
  const rest = document.querySelectorAll(".letters, .most, .atlas figure, .regions, #maakunnittain");

  function narrow() {
    const wanted = plain(input.value.trim());
    const isHit = (names) => names.startsWith(wanted) || names.includes(` ${wanted}`) || names.includes(`-${wanted}`);
    let count = 0;
    for (const [item, names] of items) {
      item.hidden = wanted !== "" && !isHit(names);
      count += !item.hidden;
    }
    for (const section of document.querySelectorAll(".index section")) section.hidden = !section.querySelector("li:not([hidden])");
    for (const part of rest) part.hidden = wanted !== "";
    const { none, one, many } = status.dataset;
    status.textContent = wanted && (count === 0 ? none : count === 1 ? one : many.replace("#", count));
  }

  filter.hidden = false;
  input.addEventListener("input", narrow);
  input.addEventListener("keydown", (event) => {
    const first = document.querySelector(".index li:not([hidden]) a");
    if (event.key === "Enter" && input.value.trim() && first) location.href = first.href;
  });
  narrow();
})();
