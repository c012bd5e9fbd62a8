// Keeps the approvals current: counts down the time left, and refreshes the page's live part when something happens.
// Without this script everything works, but the person has to reload.
(() => {
  const served = Number(document.querySelector("[data-now]")?.dataset.now);
  const ahead = served ? served - Date.now() : 0;
  const left = (end) => {
    const seconds = Math.max(0, Math.ceil((end - Date.now() - ahead) / 1000));
    if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
    return `${Math.floor(seconds / 86_400)} ${document.documentElement.lang === "de" ? "Tg." : "d"} ${Math.floor((seconds % 86_400) / 3_600)} h`;
  };

  // The one voice for screen readers: one text at a time, in order, and empty afterwards.
  const texts = [];
  const say = (text) => {
    if (text && texts.push(text) === 1) next();
  };
  const next = () => {
    const status = document.querySelector("[data-announce]");
    if (!status) return;
    status.textContent = texts[0];
    setTimeout(() => {
      status.textContent = "";
      texts.shift();
      if (texts.length) setTimeout(next, 100);
    }, 1_200);
  };
  document.addEventListener("mandate:say", (event) => say(event.detail));

  let asked = false;
  let again = false;
  // Replaces the live part only if its content changed (data-live), so that neither focus nor a half-made decision is
  // disturbed.
  const refresh = async () => {
    // The answer in progress may miss what happens meanwhile, so ask once more after it.
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
      for (const box of now.querySelectorAll("input[type=checkbox]")) {
        const same = then.querySelector(`input[type=checkbox][value="${CSS.escape(box.value)}"]`);
        if (same) same.checked = box.checked; // a half-made decision stays
      }
      const hadFocus = now.contains(document.activeElement);
      now.replaceWith(document.adoptNode(then));
      document.title = page.title;
      const heading = then.querySelector("h1");
      if (hadFocus && heading) {
        heading.tabIndex = -1;
        heading.focus();
      }
      say(then.dataset.announcement);
      tick();
    } catch {
      // The network is away. The next event, or opening the page again, retries.
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

  // No event announces that an order was placed, which takes a moment. Poll for a while.
  let looks = 0;
  const lookAgain = () => {
    const live = document.querySelector("[data-again]");
    if (live && (looks += 1) <= 20) setTimeout(refresh, Number(live.dataset.again));
  };

  // More time keeps the page, and the ticks on it.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.id !== "more-time") return;
    event.preventDefault();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, event.submitter)) });
      if (!answer.ok) return location.reload();
      refresh();
    } catch {
      location.reload();
    }
  });

  const over = new Set();
  const tick = () => {
    for (const element of document.querySelectorAll("[data-expires]")) {
      const end = Number(element.dataset.expires);
      element.textContent = left(end);
      const key = `${element.dataset.expires} ${element.closest("[id]")?.id ?? ""}`;
      if (Date.now() + ahead > end && !over.has(key)) {
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
