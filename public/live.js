// Keeps parts of a page current: fetches the page's address in data-live again, and replaces the part if it changed.
// Links with data-say put their text where the chat keeps a draft (draft.rs).
(() => {
  const EVERY = 2_000;
  let busy = false;
  const refresh = async () => {
    const lives = document.querySelectorAll("[data-live]");
    if (busy || document.hidden || !lives.length) return;
    busy = true;
    try {
      const answer = await fetch(lives[0].dataset.live, { headers: { accept: "text/html" } });
      if (!answer.ok) return;
      const page = await pageOf(answer);
      const then = page.querySelectorAll("[data-live]");
      // Relative times change by themselves (times.js), and focus stays where it is.
      const plain = (part) => {
        const copy = part.cloneNode(true);
        for (const time of copy.querySelectorAll("time[data-ago]")) time.textContent = "";
        for (const one of copy.querySelectorAll("[title]")) one.removeAttribute("title");
        return copy.innerHTML;
      };
      lives.forEach((now, at) => {
        if (!then[at] || plain(now) === plain(then[at]) || now.contains(document.activeElement)) return;
        now.replaceChildren(...then[at].childNodes);
      });
    } catch {
      // The network failed; the next refresh retries.
    } finally {
      busy = false;
    }
  };
  setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);

  for (const link of document.querySelectorAll("[data-say]")) {
    link.addEventListener("click", () => {
      try {
        sessionStorage.setItem(`mandate.draft.${link.dataset.who}.new`, link.dataset.say);
      } catch {
        // Without storage, the reader copies the sentence.
      }
    });
  }
})();
