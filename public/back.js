// Points the link to the workshop at the step that this tab showed last, and adds the text in `data-back`.
(() => {
  const NAME = "mandate.step";
  try {
    const shown = document.querySelector("[aria-current=step]")?.getAttribute("href");
    if (shown) return sessionStorage.setItem(NAME, shown);
    const [link, step] = [document.querySelector("[data-back]"), sessionStorage.getItem(NAME)];
    if (!link || !step) return;
    link.href = step;
    link.append(` · ${link.dataset.back.replace("{}", step.split("/").at(-1))}`);
  } catch {
    // Without storage, the link leads to the first step that isn't done.
  }
})();
