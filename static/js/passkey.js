/* Passkeys: without this file, or without WebAuthn, the forms stay hidden and passwords do. */
"use strict";

(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const decode = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (char) => char.charCodeAt(0)).buffer;
  };
  const encode = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: decode(one.id) }));

  function registration(options, withoutPassword) {
    const choice = { ...options.authenticatorSelection };
    choice.residentKey = withoutPassword ? "required" : "discouraged";
    choice.requireResidentKey = withoutPassword;
    if (withoutPassword) choice.userVerification = "required";
    return {
      ...options,
      challenge: decode(options.challenge),
      user: { ...options.user, id: decode(options.user.id) },
      excludeCredentials: known(options.excludeCredentials),
      authenticatorSelection: choice,
    };
  }

  function assertion(options) {
    return {
      ...options,
      challenge: decode(options.challenge),
      allowCredentials: known(options.allowCredentials),
    };
  }

  function serialise(credential) {
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[part]) response[part] = encode(credential.response[part]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: encode(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  }

  async function options(form) {
    if (form.dataset.passkey !== "login") {
      return JSON.parse(document.getElementById(form.dataset.options).textContent);
    }
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.json();
  }

  async function ask(form) {
    const data = await options(form);
    if (form.dataset.passkey === "create") {
      const box = form.querySelector("[name=passwordless]");
      const publicKey = registration(data.creation_options.publicKey, Boolean(box && box.checked));
      return navigator.credentials.create({ publicKey });
    }
    return navigator.credentials.get({ publicKey: assertion(data.request_options.publicKey) });
  }

  for (const form of document.querySelectorAll("[data-passkey]")) {
    const button = form.querySelector("[type=submit]");
    const error = form.querySelector("[data-passkey-error]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      error.textContent = "";
      button.disabled = true;
      try {
        form.elements.credential.value = serialise(await ask(form));
        form.submit();
      } catch {
        error.textContent = "La clé d’accès n’a pas répondu. Réessayez, ou choisissez une autre façon.";
        button.disabled = false;
      }
    });
  }
  for (const note of document.querySelectorAll("[data-passkey-missing]")) note.hidden = true;
})();
