/* The length of an SMS as one types it: the server checks it again, and the form works without. */
"use strict";

(() => {
  const box = document.querySelector("textarea[data-sms]");
  const count = document.querySelector("[data-count]");
  if (!box || !count) return;
  const { values, limit, basic, extended } = JSON.parse(box.dataset.sms);

  function tell() {
    const text = box.value.trim().replace(/\{([^{}]*)\}/g, (field, name) => values[name] ?? field);
    const letters = [...text];
    const foreign = [...new Set(letters.filter((one) => !basic.includes(one) && !extended.includes(one)))];
    const length = letters.length + letters.filter((one) => extended.includes(one)).length;
    const parts = [`${length} caractères sur ${limit}`];
    if (length > limit) parts.push(`${length - limit} de trop`);
    if (foreign.length) parts.push(`hors de l’alphabet des SMS : ${foreign.join(" ")}`);
    count.textContent = `${parts.join(", ")}.`;
    count.classList.toggle("words-count--over", length > limit || foreign.length > 0);
  }

  // Spoken once the typing pauses, not at each letter.
  let pause;
  count.hidden = false;
  count.setAttribute("role", "status");
  box.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(tell, 300);
  });
  tell();
})();
