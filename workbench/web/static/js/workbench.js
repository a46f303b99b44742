// What plain forms and links cannot do alone. Every page works without this file.
// Behaviour is asked for by data- attributes; see docs/screens.md.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const on = (name, act, target = document) => target.addEventListener(name, act);
  const fire = (element, name) => element.dispatchEvent(new CustomEvent(name, { bubbles: true }));
  const later = new WeakMap();
  const wait = (element, ms, act) => {
    clearTimeout(later.get(element));
    later.set(element, setTimeout(act, ms));
  };

  // Focus: the first error, else the new heading.
  const focusIn = (region) => {
    const pick = (selector) => (region.matches(selector) ? region : region.querySelector(selector));
    const target = pick("[data-first-error]") || pick("[data-focus]") || pick("h1[tabindex='-1']");
    if (target) target.focus();
  };
  on("htmx:load", (event) => {
    const fresh = event.detail.elt;
    if (fresh !== document.body && !fresh.closest("[data-poll]")) focusIn(fresh);
  });
  on("htmx:afterSwap", (event) => {
    if (event.detail.target.matches(".field__error")) markField(event.detail.target);
  });
  const markField = (slot) => {
    const wrong = slot.textContent.trim() !== "";
    const field = slot.closest(".field");
    field.classList.toggle("field--wrong", wrong);
    field.querySelectorAll(".control").forEach((control) => {
      if (wrong) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    });
  };

  // Search-as-you-type: 200 ms after the last letter, never inside an input method's composition.
  const typed = (event) => {
    const input = event.target;
    if (!input.matches || !input.matches("[data-typed]") || event.isComposing) return;
    wait(input, 200, () => fire(input, "wb:typed"));
  };
  on("input", typed);
  on("compositionend", typed);

  // Autosave, and the reason for overruling a source.
  const valueOf = (field) => {
    const controls = field.querySelectorAll("input, select, textarea");
    const own = [...controls].filter((c) => !c.closest(".overrule, .conflict") && c.type !== "hidden");
    if (own.length && own[0].type === "radio") return (own.find((c) => c.checked) || { value: "" }).value;
    if (own.length && own[0].type === "checkbox") return own.filter((c) => c.checked).map((c) => c.value).join(",");
    return own.length ? own[0].value : "";
  };
  const bare = (text) => text.replace(/\s+/g, "");
  const markChanged = (field) => {
    const reason = field.querySelector(".overrule");
    if (!reason) return;
    const changed = bare(valueOf(field)) !== bare(field.dataset.held);
    if (reason.classList.contains("is-changed") !== changed) reason.open = changed;
    reason.classList.toggle("is-changed", changed);
  };
  const edited = (event) => {
    if (event.isComposing || !event.target.closest) return;
    const field = event.target.closest(".field[data-held]");
    if (field && !event.target.closest(".overrule")) markChanged(field);
    const form = event.target.closest("form[data-autosave]");
    if (form) wait(form, 1000, () => fire(form, "wb:changed"));
  };
  on("input", edited);
  on("change", edited);
  on("compositionend", edited);

  // Digits in groups, once the field is left.
  on("focusout", (event) => {
    const groups = event.target.dataset && event.target.dataset.group;
    if (!groups) return;
    let rest = bare(event.target.value);
    const parts = groups.split(" ").map((size) => {
      const part = rest.slice(0, size);
      rest = rest.slice(size);
      return part;
    });
    event.target.value = [...parts, rest].filter(Boolean).join(" ");
  });

  // Keys. A key is "j", "/", "Alt+1" or "Ctrl+Enter"; plain letters are off while typing.
  const nameOf = (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    return (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.altKey ? "alt+" : "") + key.toLowerCase();
  };
  const isTyping = (element) => element.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");
  const moveRow = (step) => {
    const links = [...document.querySelectorAll("[data-row]")].map((row) => row.querySelector("a, button, input")).filter(Boolean);
    const row = document.activeElement.closest("[data-row]");
    const at = links.findIndex((link) => row && row.contains(link));
    const next = links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))];
    if (next) next.focus();
    return Boolean(next);
  };
  // A search box with data-rows-in="id": the arrows walk its answers, Enter takes the first of an answer to what stands there.
  const chooseRow = (event, name) => {
    const box = document.querySelector("[data-rows-in]");
    const rows = box && document.getElementById(box.dataset.rowsIn);
    const here = document.activeElement;
    if (!rows || !(here === box || rows.contains(here))) return false;
    const answer = rows.querySelector("[data-answers]");
    const first = rows.querySelector("[data-row] button, [data-row] a");
    const fits = box.value.trim() !== "" && answer && answer.dataset.answers === box.value.trim();
    if (name === "arrowdown" || name === "arrowup") moveRow(name === "arrowdown" ? 1 : -1);
    else if (name === "enter" && here === box && fits && first) first.click();
    else return false;
    event.preventDefault();
    return true;
  };
  on("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const name = nameOf(event);
    const plain = !/^(ctrl|alt)\+/.test(name);
    if (chooseRow(event, name)) return;
    if (plain && isTyping(document.activeElement)) return;
    if (name === "escape") document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
    const row = document.activeElement.closest("[data-row]");
    const matches = (element) => element.dataset.key.toLowerCase() === name;
    const target = (row && [...row.querySelectorAll("[data-key]")].find(matches)) || [...document.querySelectorAll("[data-key]")].find(matches);
    const form = [...document.querySelectorAll("form[data-submit-key]")].find((f) => f.dataset.submitKey.toLowerCase() === name);
    if (target) {
      event.preventDefault();
      if (target.matches("a, button")) target.click();
      else { target.focus(); if (target.select) target.select(); }
    } else if (form) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-primary]") || undefined);
    } else if ((name === "j" || name === "k") && moveRow(name === "j" ? 1 : -1)) event.preventDefault();
  });

  // Small buttons.
  on("click", (event) => {
    const button = event.target.closest && event.target.closest("button, details.menu");
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    if (!button || !button.matches("button")) return;
    const { copy, dismiss, fill } = button.dataset;
    if ("print" in button.dataset) window.print();
    if (dismiss) document.getElementById(dismiss).hidden = true;
    if (copy !== undefined) {
      navigator.clipboard.writeText(copy).then(() => { button.querySelector("span").textContent = button.dataset.copied; });
    }
    if (fill) fillField(event, button, document.getElementById(fill));
    if ("clear" in button.dataset) clearPad(button.closest("[data-signature]"));
  });
  const fillField = (event, button, control) => {
    if (!control || !control.matches(".control")) return;
    event.preventDefault();
    control.value = button.dataset.fillValue;
    control.dispatchEvent(new Event("change", { bubbles: true }));
    control.focus();
  };

  // One press sends once; the server decides, this only spares the wait.
  on("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.target || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    const hold = (held) => form.querySelectorAll("button").forEach((b) => { b.disabled = held; });
    setTimeout(() => hold(true), 0);
    setTimeout(() => { delete form.dataset.sent; hold(false); }, 10000);
  });
  on("pageshow", (event) => { if (event.persisted) window.location.reload(); }, window);

  // htmx: trouble is said once, above everything; hidden windows do not poll.
  const trouble = (code) => {
    const box = document.getElementById("trouble");
    if (!box) return;
    box.querySelector("[data-trouble-code]").textContent = code;
    box.hidden = false;
  };
  on("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    trouble([xhr.status, xhr.getResponseHeader("X-Request-Id")].filter(Boolean).join(" "));
  });
  on("htmx:sendError", () => trouble("0"));
  on("htmx:timeout", () => trouble("timeout"));
  on("htmx:beforeRequest", (event) => {
    if (document.hidden && event.detail.elt.closest("[data-poll]")) event.preventDefault();
  });

  // Answers of departments that arrive after the page was shown: only into a control that is still empty and not in use.
  const settleArrived = (one) => {
    const controls = [...document.querySelectorAll(`#intake [name="${CSS.escape(one.dataset.arrived)}"]`)];
    const value = one.dataset.arrivedValue;
    const choices = controls.filter((c) => c.type === "radio" || c.type === "checkbox");
    const control = controls.find((c) => c.matches(".control"));
    if (choices.length) {
      const fitting = choices.find((c) => c.value === value);
      if (!fitting || choices.some((c) => c.checked || c === document.activeElement)) return;
      fitting.checked = true;
    } else {
      if (!control || control.value !== "" || control === document.activeElement) return;
      control.value = value;
    }
    const field = controls[0].closest(".field");
    if (field && !field.querySelector(".provenance")) field.append(...one.children);
  };
  on("htmx:afterSettle", () => {
    document.querySelectorAll("[data-arrived]").forEach((one) => { settleArrived(one); one.remove(); });
  });

  // Signature pad.
  const clearPad = (box) => {
    const pad = box.querySelector("canvas");
    pad.getContext("2d").clearRect(0, 0, pad.width, pad.height);
    box.querySelector("input[type=hidden]").value = "";
  };
  const draw = (event) => {
    const pad = event.target;
    if (!pad.matches || !pad.matches("[data-signature] canvas") || !event.buttons) return;
    const box = pad.getBoundingClientRect();
    const brush = pad.getContext("2d");
    const [x, y] = [(event.clientX - box.left) * (pad.width / box.width), (event.clientY - box.top) * (pad.height / box.height)];
    brush.lineWidth = 3;
    brush.lineCap = "round";
    if (event.type === "pointerdown") { brush.beginPath(); brush.moveTo(x, y); } else { brush.lineTo(x, y); brush.stroke(); }
  };
  on("pointerdown", draw);
  on("pointermove", draw);
  on("pointerup", (event) => {
    if (!event.target.matches || !event.target.matches("[data-signature] canvas")) return;
    event.target.parentElement.querySelector("input[type=hidden]").value = event.target.toDataURL();
  });
})();
