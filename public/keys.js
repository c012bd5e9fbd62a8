// Keyboard shortcuts. `data-key` on a link, button or field names its key. If several share a key, it acts on the last
// one shown. While a text field has the focus or a dialog is open, shortcuts don't work. The page that lists them can
// turn them off (WCAG 2.1.4), for people whose tools send single keys.
(() => {
  const OFF = "mandate.keys-off";
  const off = () => {
    try {
      return localStorage.getItem(OFF) !== null;
    } catch {
      return false;
    }
  };
  const isText = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select") || element.isContentEditable;
  /** Focuses the chat after or before the focused or current one. */
  const step = (by) => {
    const links = [...document.querySelectorAll("#threads .threads-thread")];
    const at = links.findIndex((link) => link === document.activeElement);
    const current = at >= 0 ? at : links.findIndex((link) => link.ariaCurrent);
    links[Math.max(0, Math.min(links.length - 1, current + by))]?.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const focused = document.activeElement ?? document.body;
    if (event.key === "Escape" && isText(focused) && !focused.closest("dialog")) return focused.blur();
    if (off() || isText(focused) || document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      return step(event.key === "j" ? 1 : -1);
    }
    // In the list, `e` edits the chat that has the focus.
    const own = event.key === "e" && focused.closest("#threads li")?.querySelector(".threads-edit");
    const all = [...document.querySelectorAll("[data-key]")];
    const target = own || all.findLast((it) => it.dataset.key === event.key && !it.closest("[hidden]") && !it.disabled);
    if (!target) return;
    event.preventDefault();
    if (isText(target)) target.focus();
    else target.click();
  });
  // Loads the commands at the first slash.
  let slash = false;
  document.addEventListener("input", async ({ target }) => {
    const { commands } = document.getElementById("content")?.dataset ?? {};
    if (!commands || slash || target.id !== "message" || !target.value.startsWith("/")) return;
    slash = true;
    try {
      await (await import(commands)).default(target);
    } catch {
      slash = false;
    }
  });
  // Shows whether shortcuts are off, on the page or in its dialog.
  const show = () => {
    const choice = document.getElementById("keys-off");
    if (!choice?.disabled) return;
    choice.disabled = false;
    choice.checked = off();
  };
  document.addEventListener("change", ({ target }) => {
    if (target.id !== "keys-off") return;
    try {
      if (target.checked) localStorage.setItem(OFF, "");
      else localStorage.removeItem(OFF);
    } catch {
      target.checked = off();
    }
  });
  new MutationObserver(show).observe(document.body, { childList: true });
  show();
})();
