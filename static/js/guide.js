/* One step of a tutorial at a time on a phone: the page works without this file, which changes nothing
   on a wide screen nor on paper (css/guides.css). The address names the step: it can be passed on, and
   the browser's « back » goes to the step before. */
"use strict";

(() => {
  const phone = window.matchMedia("(max-width: 44.99em)");

  function element(name, css, text) {
    const made = document.createElement(name);
    made.className = css;
    made.textContent = text;
    return made;
  }

  function start(tutorial) {
    const steps = Array.from(tutorial.querySelectorAll(".tutorial__step"));
    if (steps.length < 2) return;
    let current = 0;

    const bar = element("nav", "tutorial__bar no-print", "");
    const title = tutorial.querySelector(":scope > h2");  // two tutorials of a page: two names
    bar.setAttribute("aria-label", title ? `Étapes : ${title.textContent}` : "Étapes");
    const previous = element("a", "button button--secondary", "Précédente");
    const count = element("p", "tutorial__count", "");
    count.setAttribute("role", "status");
    const next = element("a", "button button--primary", "Suivante");
    bar.append(previous, count, next);
    const all = element("button", "button button--ghost tutorial__all no-print", "");
    all.type = "button";
    tutorial.append(bar, all);

    function show(index) {
      current = index;
      steps.forEach((step, rank) => step.classList.toggle("is-current", rank === index));
      previous.hidden = index === 0;
      next.hidden = index === steps.length - 1;
      previous.href = `#${steps[Math.max(0, index - 1)].id}`;
      next.href = `#${steps[Math.min(steps.length - 1, index + 1)].id}`;
      count.textContent = `Étape ${index + 1} sur ${steps.length}`;
    }

    function focus() {
      const title = steps[current].querySelector("h2, h3");
      title.tabIndex = -1;
      title.focus();
    }

    function page(on) {
      tutorial.classList.toggle("tutorial--paged", on);
      all.textContent = on ? "Voir toutes les étapes" : "Une étape à la fois";
    }

    const paged = () => phone.matches && tutorial.classList.contains("tutorial--paged");

    function follow() {
      const index = steps.findIndex((step) => `#${step.id}` === location.hash);
      if (index >= 0) show(index);
      return index >= 0;
    }

    window.addEventListener("hashchange", () => {
      const before = current;
      if (follow() && paged()) focus();
      // « Back » to the address without a step: the first one.
      else if (!location.hash && before) show(0);
    });
    all.addEventListener("click", () => {
      page(!tutorial.classList.contains("tutorial--paged"));
      if (paged()) focus();
    });
    tutorial.addEventListener("keydown", (event) => {
      const link = { ArrowRight: next, ArrowLeft: previous }[event.key];
      const plain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
      if (!link || link.hidden || !plain || !paged()) return;
      event.preventDefault();
      link.click();
    });

    show(0);
    page(true);
    follow();
  }

  document.querySelectorAll("[data-tutorial]").forEach(start);
})();
