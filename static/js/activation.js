/* Comfort on the activation form: it works without this file. */
"use strict";

(() => {
  const form = document.querySelector(".activation-form");
  if (!form) return;

  const group = (text, size) => text.replace(/\s/g, "").match(new RegExp(`.{1,${size}}`, "g")).join(" ");

  // Digits in groups, as on the card; only when typing at the end, so that the caret never jumps.
  function regroup(input) {
    const bare = input.value.replace(/\s/g, "");
    const atEnd = document.activeElement !== input || input.selectionStart === input.value.length;
    if (/^\d+$/.test(bare) && atEnd) input.value = group(bare, Number(input.dataset.groupDigits));
  }

  // The country is only asked of someone born abroad.
  function showCountry() {
    const department = form.querySelector("#id_birth_department");
    const box = form.querySelector("#check-birth_country");
    const abroad = /^\s*99|étranger/i.test(department.value);
    box.hidden = !abroad && !box.querySelector(".field--error");
  }

  form.addEventListener("input", (event) => {
    const typing = !(event.inputType || "").startsWith("delete");
    if (typing && event.target.matches("[data-group-digits]")) regroup(event.target);
    if (event.target.matches("#id_birth_department")) showCountry();
  });

  // Check a field when the focus leaves it, unless it goes to the button that sends everything.
  form.addEventListener("focusout", (event) => {
    const box = event.target.closest("[data-check]");
    const next = event.relatedTarget;
    if (!box || !window.htmx || box.contains(next) || (next && next.matches("[type=submit]"))) return;
    window.htmx.trigger(box, "leave");
  });

  // An answer must not overwrite what is being typed again.
  form.addEventListener("focusin", (event) => {
    const box = event.target.closest("[data-check]");
    if (box && window.htmx) window.htmx.trigger(box, "htmx:abort");
  });

  // The RIO depends on the number: a new number asks it again.
  form.addEventListener("change", (event) => {
    const rio = form.querySelector("#id_rio");
    if (window.htmx && event.target.matches("#id_contact_phone") && rio.value) {
      window.htmx.trigger(form.querySelector("#check-rio"), "leave");
    }
  });

  form.addEventListener("htmx:afterSwap", () => {
    for (const input of form.querySelectorAll("[data-group-digits]")) if (input.value) regroup(input);
    showCountry();
  });

  for (const input of form.querySelectorAll("[data-group-digits]")) if (input.value) regroup(input);
  showCountry();
})();
