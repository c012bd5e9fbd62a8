// Times in the reader's own time zone: relative ones, kept current; clock times; the exact time on hover. The server
// renders all of them in UTC, so they are also right without this script.
(() => {
  const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "long" });
  const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });
  const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" });
  const units = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

  const ago = (then) => {
    const apart = Math.abs(Date.now() - then) / 1000;
    if (apart < 1) return "just now";
    if (apart >= 30 * 86_400) return date.format(then);
    const [unit, size] = units.find(([, size]) => apart >= size);
    const count = Math.floor(apart / size);
    const text = `${count} ${unit}${count === 1 ? "" : "s"}`;
    return then > Date.now() ? `in ${text}` : `${text} ago`;
  };
  // Changes the text, but not its node, which another script may hold.
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
  fresh();
  setInterval(fresh, 5_000);
  document.addEventListener("visibilitychange", fresh);
  document.addEventListener("mandate:changed", fresh);
})();
