/* Comfort only: every page works without this file. */
"use strict";

(() => {
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  function toast(text) {
    const box = document.getElementById("toasts");
    if (!box) return;
    const note = document.createElement("div");
    note.className = "toast";
    const words = document.createElement("span");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "icon-button";
    close.textContent = "×";
    close.setAttribute("aria-label", "Masquer ce message");
    close.addEventListener("click", () => note.remove());
    note.append(words, close);
    box.append(note);
    setTimeout(() => { if (!note.matches(":hover, :focus-within")) note.remove(); }, 6000);
  }

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      toast(button.dataset.copied || "Copié");
    } catch {
      toast("La copie n’a pas fonctionné\u00a0: sélectionnez le texte puis copiez-le.");
    }
  }

  function step(button) {
    const input = button.closest("[data-stepper]").querySelector("input");
    const before = input.value;
    if (Number(button.dataset.step) > 0) input.stepUp(); else input.stepDown();
    if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
    limits(input);
  }

  function limits(input) {
    for (const button of all("[data-step]", input.closest("[data-stepper]"))) {
      const down = Number(button.dataset.step) < 0;
      const bound = down ? input.min : input.max;
      button.setAttribute("aria-disabled", String(bound !== "" && (down ? input.value <= Number(bound) : input.value >= Number(bound))));
    }
  }

  function openDialog(link, event) {
    const dialog = document.getElementById(link.dataset.dialog);
    if (!dialog || !dialog.showModal) return;
    event.preventDefault();
    dialog.showModal();
  }

  function prepare(root) {
    for (const button of all("[data-copy]", root)) button.hidden = !navigator.clipboard;
    for (const button of all("[data-dismiss], [data-step]", root)) button.hidden = false;
    for (const button of all("[data-print]", root)) button.hidden = false;
    for (const input of all("[data-stepper] input", root)) limits(input);
    const summary = root.querySelector("[data-autofocus]");
    if (summary) summary.focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy], [data-step], [data-dismiss], [data-dialog], [data-print]");
    if (target) {
      if (target.matches("[data-copy]")) copy(target);
      else if (target.matches("[data-step]")) step(target);
      else if (target.matches("[data-dismiss]")) dismiss(target);
      else if (target.matches("[data-print]")) window.print();
      else openDialog(target, event);
    }
    // A click beside an open menu closes it.
    for (const menu of all("details.user-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  function dismiss(button) {
    const notice = button.closest("[data-dismissible]");
    notice.remove();
    document.getElementById("contenu").focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("input", (event) => {
    if (event.target.closest("[data-stepper]")) limits(event.target);
  });

  // Printing a page prints its folded answers too.
  window.addEventListener("beforeprint", () => {
    for (const details of all("details.disclosure:not([open])")) { details.open = true; details.dataset.folded = ""; }
  });
  window.addEventListener("afterprint", () => {
    for (const details of all("details[data-folded]")) { details.open = false; delete details.dataset.folded; }
  });

  // On a phone the section's menu is one strip: bring the current page into it.
  for (const here of all(".subnav [aria-current]")) {
    const strip = here.closest("ul");
    strip.scrollLeft = here.offsetLeft - strip.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  }

  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) prepare(event.target); });
  prepare(document);
})();
