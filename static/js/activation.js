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

  // Older browsers do not know the style sheet's :has().
  function showPortability() {
    if (CSS.supports("selector(:has(*))")) return;
    form.querySelector(".only-portability").hidden = !form.querySelector("#id_portability_1").checked;
  }

  form.addEventListener("input", (event) => {
    const typing = !(event.inputType || "").startsWith("delete");
    if (typing && event.target.matches("[data-group-digits]")) regroup(event.target);
    if (event.target.matches("#id_birth_department")) showCountry();
    if (event.target.name === "portability") showPortability();
  });

  // Check a field when the focus leaves it, unless it goes to the button that sends everything.
  form.addEventListener("focusout", (event) => {
    const box = event.target.closest("[data-check]");
    const next = event.relatedTarget;
    if (!box || !window.htmx || box.contains(next) || (next && next.matches("[type=submit]"))) return;
    window.htmx.trigger(box, "leave");
  });

  // The session may have ended: log in again, then the form is found as it was kept.
  form.addEventListener("htmx:beforeSwap", (event) => {
    const answer = new URL(event.detail.xhr.responseURL);
    if (answer.pathname === event.detail.pathInfo.requestPath) return;
    event.detail.shouldSwap = false;
    answer.searchParams.set("next", location.pathname + location.search);
    answer.searchParams.set("fin", "1");
    location.assign(answer);
  });

  // A page that the browser kept is asked again: its reader may have logged out.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // An answer must not overwrite what is being typed again.
  form.addEventListener("focusin", (event) => {
    const box = event.target.closest("[data-check]");
    if (box && window.htmx) window.htmx.trigger(box, "htmx:abort");
  });

  // The RIO depends on the number: a new number asks it again.
  form.addEventListener("change", (event) => {
    const rio = form.querySelector("#id_rio");
    if (window.htmx && event.target.matches("#id_current_number") && rio.value) {
      window.htmx.trigger(form.querySelector("#check-rio"), "leave");
    }
  });

  form.addEventListener("htmx:afterSwap", () => {
    for (const input of form.querySelectorAll("[data-group-digits]")) if (input.value) regroup(input);
    showCountry();
  });

  for (const input of form.querySelectorAll("[data-group-digits]")) if (input.value) regroup(input);
  showCountry();
  showPortability();
})();
