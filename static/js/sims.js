/* Comfort while cards are scanned: it works without this file. */
"use strict";

(() => {
  const box = document.querySelector("textarea[data-scanned]");
  if (!box) return;
  const count = document.querySelector(".sim-count");
  const expected = Number(count.dataset.expected);

  function tell() {
    const lines = box.value.split("\n").filter((line) => line.trim()).length;
    count.hidden = false;
    count.textContent = `${lines} sur ${expected}`;
    count.classList.toggle("sim-count--full", lines === expected);
    count.classList.toggle("sim-count--over", lines > expected);
  }

  box.addEventListener("input", tell);
  tell();
  // The scanner types wherever the focus is: let it be here.
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
})();
