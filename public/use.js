// Controls whose module is loaded on first use: `data-use` names it, and its default export acts on the control.
(() => {
  const modules = new Map();
  const unloaded =
    document.documentElement.lang === "de"
      ? "Das lässt sich gerade nicht laden. Versuch es noch einmal."
      : "This can’t be loaded right now. Try again.";
  const load = async (address) => {
    const act = (await import(address)).default;
    modules.set(address, act);
    return act;
  };
  const control = (event) => event.target.closest?.("[data-use]");
  // Loads the module on hover or focus, so that the click itself acts: browsers allow clipboard writes only then.
  for (const sign of ["pointerover", "focusin"]) {
    document.addEventListener(sign, (event) => {
      const address = control(event)?.dataset.use;
      if (address && !modules.has(address)) load(address).catch(() => {});
    });
  }
  document.addEventListener("click", async (event) => {
    const used = control(event);
    if (!used || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { use, failed = unloaded } = used.dataset;
    try {
      (modules.get(use) ?? (await load(use)))(used, say);
    } catch {
      if (used.href) location.assign(used.href);
      else say(failed);
    }
  });
  // Hidden in the HTML, because they do nothing without scripts.
  for (const hidden of document.querySelectorAll("[data-use][data-scripts-only]")) hidden.hidden = false;
  const say = (text) => document.dispatchEvent(new CustomEvent("mandate:say", { detail: text }));
})();
