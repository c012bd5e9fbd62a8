// Applies the chosen theme before anything is painted, then runs the switch between the system's theme, light and dark.
// Loaded in the head of every page, without defer.
(() => {
  const root = document.documentElement;
  const stored = () => {
    try {
      const theme = localStorage.getItem("theme");
      return theme === "light" || theme === "dark" ? theme : "system";
    } catch {
      return "system"; // no storage
    }
  };
  const apply = (theme) => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
  };
  apply(stored());

  const dark = matchMedia("(prefers-color-scheme: dark)");
  // The first click goes from the system's theme to the opposite one, so that every click is visible.
  const order = () => (dark.matches ? ["system", "light", "dark"] : ["system", "dark", "light"]);
  const german = root.lang === "de";
  const words = german
    ? { system: "wie das System", light: "hell", dark: "dunkel" }
    : { system: "the system’s theme", light: "light", dark: "dark" };
  const show = () => {
    const now = stored();
    for (const choice of document.querySelectorAll("[data-theme-choice]")) {
      choice.hidden = false;
      for (const radio of choice.querySelectorAll("input")) radio.checked = radio.value === now;
    }
    const next = order()[(order().indexOf(now) + 1) % 3];
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      button.dataset.themeNow = now;
      const text = german
        ? `Farben: ${words[now]}. Wechseln zu: ${words[next]}.`
        : `Theme: ${words[now]}. Switch to ${words[next]}.`;
      button.title = text;
      const label = button.querySelector("[data-theme-words]");
      if (label) label.textContent = text;
    }
  };
  const choose = (next) => {
    try {
      if (next === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", next);
    } catch {
      return;
    }
    apply(next);
    show();
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-switch]")) return;
    choose(order()[(order().indexOf(stored()) + 1) % 3]);
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest?.("[data-theme-choice]")) choose(event.target.value);
  });
  addEventListener("storage", () => {
    apply(stored());
    show();
  });
  dark.addEventListener("change", show);
  document.addEventListener("DOMContentLoaded", show);
})();
