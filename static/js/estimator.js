/* Sliders and running totals of « Estimer ma consommation »: the page works without this file.
   The rates come from the server, in the whole numbers of knowledge/estimator/arithmetic.py. */
"use strict";

(() => {
  const form = document.querySelector("[data-estimator]");
  if (!form) return;
  const tenth = Number(form.dataset.tenth);
  const rows = Array.from(form.querySelectorAll("[data-usage]"), (row) => ({
    rate: Number(row.dataset.rate),
    number: row.querySelector("input[type=number]"),
    slider: row.querySelector("input[type=range]"),
    total: row.querySelector("output"),
  }));
  const line = form.querySelector("[data-total-line]");
  const total = form.querySelector("[data-total]");

  function words(grains) {
    const rounded = Math.floor((2 * grains + tenth) / (2 * tenth));
    if (grains && !rounded) return "moins de 0,1\u00a0Go";
    const rest = rounded % 10;
    return `${Math.floor(rounded / 10)}${rest ? `,${rest}` : ""}\u00a0Go`;
  }

  /* Nothing for what the server would refuse: it says so. */
  function grains(row) {
    const amount = row.number.valueAsNumber;
    const fits = amount >= 0 && amount <= Number(row.number.max);
    return fits ? Math.round(amount * 10) * row.rate : 0;
  }

  function count() {
    let sum = 0;
    for (const row of rows) {
      const mine = grains(row);
      row.total.textContent = mine ? words(mine) : "";
      sum += mine;
    }
    total.textContent = words(sum);
    line.hidden = !sum;
  }

  for (const row of rows) {
    row.slider.hidden = false;
    row.slider.value = row.number.value || "0";
    row.slider.addEventListener("input", () => {
      row.number.value = Number(row.slider.value) ? row.slider.value : "";
      count();
    });
    row.number.addEventListener("input", () => {
      row.slider.value = row.number.value || "0";
      count();
    });
  }
  count();

  /* The address names only what was typed: it is short enough to be passed on. */
  form.addEventListener("htmx:configRequest", (event) => {
    for (const row of rows) {
      if (!row.number.value) event.detail.formData.delete(row.number.name);
    }
  });

  let asked = false;
  form.addEventListener("submit", () => { asked = true; });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (asked && event.target.id === "resultat") event.target.focus();
    asked = false;
  });
})();
