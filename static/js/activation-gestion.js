/* The operators' queue and pages: shortcuts, copies, live list. Everything works without this file. */
"use strict";

(() => {
  const EVERY = 15000; // milliseconds between two looks at the queue
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const one = (selector, root) => (root || document).querySelector(selector);
  const said = one("[data-said]");

  // A preference, and nothing of anybody: storage may be forbidden, then it lasts as long as the page.
  const kept = new Map();
  function prefers(name, value) {
    try {
      if (value === undefined) return localStorage.getItem(name) !== "non";
      localStorage.setItem(name, value ? "oui" : "non");
    } catch { /* as above */ }
    if (value !== undefined) kept.set(name, value);
    return kept.get(name) ?? true;
  }

  function say(text, wrong) {
    if (!said) return;
    said.classList.toggle("activation-said--wrong", Boolean(wrong));
    said.textContent = text;
  }

  /* ---- Copies: SFR's tool is typed by hand ---- */

  function prepare() {
    for (const button of all("[data-copy]")) button.hidden = !navigator.clipboard;
    for (const tools of all("[data-with-script]")) tools.hidden = false;
  }

  async function copy(button) {
    const name = button.dataset.name;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say(`Copié\u00a0: ${name}.`);
    } catch {
      say("La copie n’a pas fonctionné\u00a0: sélectionnez le texte puis copiez-le.", true);
    }
  }

  /* ---- Reasons: the chosen one fills the text, which stays free ---- */

  function fill(select) {
    const text = select.form.elements.namedItem("reason");
    const texts = JSON.parse(select.dataset.texts);
    const before = Object.values(texts).concat("");
    if (before.includes(text.value.trim())) text.value = texts[select.value] || "";
    if (!select.value) text.focus();
  }

  /* ---- Shortcuts ---- */

  const dialog = one("#raccourcis");
  const typing = (target) => target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit], [type=button])");
  const links = () => all("a.activation-open");
  const row = () => document.activeElement.closest("[data-row]");

  function step(by) {
    const rows = all("[data-row]");
    if (!rows.length) return false;
    const at = rows.indexOf(row());
    const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1);
    one("a.activation-open", rows[next]).focus();
    return true;
  }

  function press(target) {
    if (!target) return false;
    if (target.matches("input[type=search]")) { target.focus(); target.select(); }
    else target.click();
    return true;
  }

  const inRow = (selector) => row() && press(one(selector, row()));
  const KEYS = {
    j: () => press(one('[data-key="j"]')) || step(1),
    k: () => press(one('[data-key="k"]')) || step(-1),
    o: () => inRow("a.activation-open"),
    x: () => inRow("input[type=checkbox]"),
    t: () => press(one('[data-key="t"]')) || inRow("button[name=seule]"),
    "?": () => { dialog.showModal(); return true; },
  };

  function shortcut(event) {
    if (!dialog || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || one("dialog[open]") || one(".w-dialog:not([aria-hidden])")) return;
    if (!prefers("raccourcis")) return;
    const act = KEYS[event.key] || (/^[a-z/]$/.test(event.key) && (() => press(one(`[data-key="${event.key}"]`))));
    if (!act || !act()) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // Wagtail has a help of its own behind the question mark
  }

  /* ---- The live list ---- */

  const list = () => one("#file");
  const busy = () => document.hidden || one("dialog[open], details[open]") || !prefers("direct") || typing(document.activeElement);
  let place = null;
  let over = false;

  function ask() {
    const here = list();
    if (here && !over && !busy()) htmx.trigger(here, "file:ask");
  }

  // Wagtail scrolls its main part on a wide screen, and the whole page on a narrow one.
  function scroller() {
    for (let box = list().parentElement; box; box = box.parentElement) {
      if (box.scrollHeight > box.clientHeight && /auto|scroll/.test(getComputedStyle(box).overflowY)) return box;
    }
    return document.scrollingElement;
  }

  /* Where one is: the focused thing, its height on the screen, the row's rank, what is ticked. */
  function remember() {
    const focused = document.activeElement;
    const inside = list().contains(focused);
    const anchor = inside ? focused : all("[data-row]").find((found) => found.getBoundingClientRect().top >= 0);
    place = {
      id: inside ? focused.id : "",
      rank: inside && row() ? all("[data-row]").indexOf(row()) : -1,
      anchor: anchor ? anchor.id || anchor.dataset.row : "",
      top: anchor ? anchor.getBoundingClientRect().top : 0,
      ticked: all("input[name=demande]:checked").map((box) => box.value),
    };
  }

  const named = (name) => name && (document.getElementById(name) || one(`[data-row="${name}"]`));

  function recover() {
    if (!place) return;
    for (const box of all("input[name=demande]")) box.checked = place.ticked.includes(box.value);
    const same = document.getElementById(place.id);
    const rows = links();
    const near = place.rank >= 0 && rows[Math.min(place.rank, rows.length - 1)];
    const target = same || (place.id && near);
    if (target && document.activeElement !== target) target.focus({ preventScroll: true });
    const anchor = named(place.anchor);
    if (anchor) scroller().scrollBy({ top: anchor.getBoundingClientRect().top - place.top, behavior: "instant" });
    place = null;
  }

  function toggle(button, value) {
    if (value !== undefined) prefers("direct", value);
    const runs = prefers("direct");
    button.setAttribute("aria-pressed", String(!runs));
    if (value) ask();
  }

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb === "get") event.detail.parameters.set("depuis", list().dataset.newest);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.isError) return;
    // Another page came instead of the list: the session is over.
    over = !event.detail.xhr.responseText.includes('id="file"');
    if (!over) return remember();
    event.detail.shouldSwap = false;
    say("Votre session est terminée. Rechargez la page pour vous reconnecter.", true);
  });
  document.addEventListener("htmx:afterSwap", () => {
    const { outcome, arrived, wrong } = list().dataset;
    if (outcome || arrived) say(outcome || `${arrived}.`, wrong !== undefined);
    recover(); // last: the sentence above takes place
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful && !over && event.detail.requestConfig.verb !== "get") {
      say("Rien n’a été enregistré\u00a0: la connexion ne répond pas. Essayez de nouveau.", true);
    }
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy], [data-open-shortcuts], [data-live-toggle]");
    if (!target) return;
    if (target.matches("[data-copy]")) copy(target);
    else if (target.matches("[data-open-shortcuts]")) dialog.showModal();
    else toggle(target, target.getAttribute("aria-pressed") === "true");
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-shortcuts-on]")) prefers("raccourcis", event.target.checked);
    else if (event.target.matches("[data-texts]")) fill(event.target);
  });
  document.addEventListener("keydown", shortcut, true);
  document.addEventListener("visibilitychange", ask);
  if (list()) setInterval(ask, EVERY);
  for (const box of all("[data-shortcuts-on]")) box.checked = prefers("raccourcis");
  for (const button of all("[data-live-toggle]")) toggle(button);
  prepare();
})();
