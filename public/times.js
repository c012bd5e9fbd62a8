// Shows times in the reader's own time zone: relative ones, kept current; clock times; the exact time on hover;
// countdowns. Also reveals and announces the parts that appear only shortly before a request ends.
// The server renders all times in UTC, so they are also right without this script.
(() => {
  const german = document.documentElement.lang === "de";
  const language = german ? "de" : "en-GB";
  const relative = new Intl.RelativeTimeFormat(language);
  const full = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "long" });
  const clock = new Intl.DateTimeFormat(language, { timeStyle: "short" });
  const date = new Intl.DateTimeFormat(language, { dateStyle: "long" });
  const units = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

  const ago = (then) => {
    const apart = Math.abs(Date.now() - then) / 1000;
    if (apart < 1) return german ? "gerade eben" : "just now";
    if (apart >= 30 * 86_400) return date.format(then);
    const [unit, size] = units.find(([, size]) => apart >= size);
    const count = Math.floor(apart / size);
    return relative.format(then > Date.now() ? count : -count, unit);
  };
  // Changes the text but keeps its node, because another script may hold a reference to it.
  const write = (element, text) => {
    const node = element.firstChild;
    if (node && node.nodeType === Node.TEXT_NODE) {
      if (node.data !== text) node.data = text;
    } else element.textContent = text;
  };
  const fresh = () => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("time[data-ago], time[data-clock], time[data-exact]")) {
      const then = Date.parse(element.dateTime);
      if (Number.isNaN(then)) continue;
      if (!("exact" in element.dataset)) element.title = full.format(then);
      if ("exact" in element.dataset) write(element, full.format(then));
      else if ("ago" in element.dataset) write(element, ago(then));
      else write(element, new Date(then).toDateString() === new Date().toDateString() ? clock.format(then) : date.format(then));
    }
  };
  // Countdowns, by the server's clock. Their words are in the page.
  const served = Number(document.querySelector("[data-now]")?.dataset.now);
  const ahead = served ? served - Date.now() : 0;
  const left = (ms) => {
    const seconds = Math.floor(Math.max(0, ms) / 1000);
    if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
    return `${Math.floor(seconds / 86_400)} ${german ? "Tg." : "d"} ${Math.floor((seconds % 86_400) / 3_600)} h`;
  };
  const said = new Set();
  const soon = (now) => {
    for (const part of document.querySelectorAll("[data-soon]")) {
      const { soon: from, until, say } = part.dataset;
      part.hidden = now < from || now >= until;
      if (part.hidden || said.has(say + until)) continue;
      said.add(say + until);
      document.dispatchEvent(new CustomEvent("mandate:say", { detail: say }));
    }
  };
  const ended = new Set();
  const count = () => {
    if (document.hidden) return;
    const now = Date.now() + ahead;
    soon(now);
    for (const element of document.querySelectorAll("time[data-left]")) {
      const { left: end, words, over } = element.dataset;
      write(element, now < end ? words.replace("{}", left(end - now)) : over);
      if (now < end || ended.has(end)) continue;
      ended.add(end);
      document.dispatchEvent(new Event("mandate:over"));
    }
    for (const bar of document.querySelectorAll("progress[data-until]")) {
      const { from, until } = bar.dataset;
      bar.value = Math.max(0, Math.min(1, (until - now) / Math.max(1, until - from))) * bar.max;
    }
  };

  fresh();
  count();
  setInterval(fresh, 5_000);
  setInterval(count, 1_000);
  document.addEventListener("visibilitychange", () => {
    fresh();
    count();
  });
  // Updates elements that are added later before they are shown.
  const holds = (node) => node instanceof Element && (node.matches("time, [data-soon]") || node.querySelector("time, [data-soon]"));
  new MutationObserver((changes) => {
    if (!changes.some(({ addedNodes }) => [...addedNodes].some(holds))) return;
    fresh();
    count();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
