// The editor saves drafts by itself. A click on « Soumettre » while it does would be a second
// request beside the first, and both would create the page: the click waits for the draft.
(() => {
  let saving = false;
  let waiting = null;

  function go() {
    const { form, button } = waiting;
    waiting = null;
    button?.removeAttribute("disabled"); // A disabled button does not say its name.
    form.requestSubmit(button);
  }

  document.addEventListener("w-autosave:save", () => {
    saving = true;
  });
  for (const end of ["success", "error"]) {
    document.addEventListener(`w-autosave:${end}`, () => {
      saving = false;
      if (waiting) go();
    });
  }
  document.addEventListener(
    "submit",
    (event) => {
      if (!saving || !event.target.matches("form[data-edit-form]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      waiting = { form: event.target, button: event.submitter };
    },
    true,
  );
})();
