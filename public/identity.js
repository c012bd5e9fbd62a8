// Keeps the approvals live: counts down what waits, and takes the page's live part anew when something happens.
// Without this script everything works; one reloads by hand.
(() => {
  const left = (end) => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
    return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
  };

  let asked = false;
  let again = false;
  // The live part is taken anew only where what it shows has changed (data-live), so that nobody's focus or
  // half-made decision is disturbed for nothing.
  const refresh = async () => {
    // What happens while an answer is on its way may not be in it: ask once more after it.
    if (asked) {
      again = true;
      return;
    }
    asked = true;
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" }, redirect: "manual" });
      if (answer.type === "opaqueredirect") return location.reload(); // the session ended: to the login
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [now, then] = [document.querySelector("[data-live]"), page.querySelector("[data-live]")];
      if (!now || !then || now.dataset.live === then.dataset.live) return;
      now.replaceWith(document.adoptNode(then));
      document.title = page.title;
      const told = document.querySelector("[data-told]");
      if (told) told.textContent = then.dataset.toldNow ?? "";
      document.dispatchEvent(new Event("mandate:changed"));
      tick();
    } catch {
      // The network is away; the next event or the next opening of the page tries again.
    } finally {
      asked = false;
      if (again) {
        again = false;
        refresh();
      } else {
        lookAgain();
      }
    }
  };

  // An order that is on its way is there in a moment, and nobody tells this page: it looks for itself, for a while.
  let looks = 0;
  const lookAgain = () => {
    const live = document.querySelector("[data-again]");
    if (live && (looks += 1) <= 20) setTimeout(refresh, Number(live.dataset.again));
  };

  const over = new Set();
  const tick = () => {
    for (const element of document.querySelectorAll("[data-expires]")) {
      const end = Number(element.dataset.expires);
      element.textContent = left(end);
      const key = `${element.dataset.expires} ${element.closest("[id]")?.id ?? ""}`;
      if (Date.now() > end && !over.has(key)) {
        over.add(key);
        setTimeout(refresh, 700);
      }
    }
  };
  tick();
  setInterval(tick, 1_000);

  if (!document.querySelector("[data-live]")) return;
  lookAgain();
  followStream("/approvals/events", {
    listen: (source) => source.addEventListener("changed", refresh),
    opened: refresh, // whatever happened while nobody listened
    ended: refresh,
  });
})();
