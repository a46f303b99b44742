// Passkeys: asks the server for a challenge, the browser for an answer, and sends the form with it.
"use strict";
if (window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON) {
  const calls = {
    get: (asked) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) }),
    create: (asked) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) }),
  };
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const trouble = form.querySelector("[data-passkey-trouble]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      trouble.hidden = true;
      try {
        const asked = await fetch(form.dataset.ask, {
          method: "POST",
          headers: { "X-CSRFToken": form.elements.csrf_token.value },
        });
        if (!asked.ok) throw new Error(String(asked.status));
        const answer = await calls[form.dataset.passkey](await asked.json());
        form.elements.answer.value = JSON.stringify(answer.toJSON());
        form.submit();
      } catch {
        trouble.hidden = false;
      }
    });
  }
}
