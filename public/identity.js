// Keeps the approvals current: refreshes the page's live part when something happens (times.js counts down, voice.js
// speaks). Without this script everything works, but the person has to reload.
(() => {
  const say = (text) => document.dispatchEvent(new CustomEvent("mandate:say", { detail: text }));

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
      if (answer.type === "opaqueredirect") return location.reload(); // the session ended: the reload leads to the login
      if (!answer.ok) return;
      const page = await pageOf(answer);
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
    } catch {
      // The network failed. The next event, or opening the page again, retries.
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

  // Asks for more time without a reload, which keeps the ticks.
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

  // The server ends the request a moment later.
  document.addEventListener("mandate:over", () => setTimeout(refresh, 700));

  if (!document.querySelector("[data-live]")) return;
  lookAgain();
  followStream("/approvals/events", {
    listen: (source) => source.addEventListener("changed", refresh),
    opened: refresh, // changes before the stream opened
    ended: refresh,
  });
})();
