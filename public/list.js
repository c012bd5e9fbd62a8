// Groups the list of chats by day in the reader's time zone, loads older ones on scrolling, and keeps it current by the
// page's event stream. Without this script the list is grouped by days in UTC, and a link leads to the older ones.
(() => {
  const nav = document.getElementById("threads");
  if (!nav) return;
  const [today, yesterday, week] = nav.dataset.days.split("\n");
  const month = new Intl.DateTimeFormat(document.documentElement.lang === "de" ? "de" : "en-GB", { month: "long", year: "numeric" });
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const label = (at) => {
    const date = new Date(at);
    // Rounded, because a day in which clocks change isn't 24 hours long.
    const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
    return days <= 0 ? today : days === 1 ? yesterday : days <= 7 ? week : month.format(date);
  };
  const rows = () => [...nav.querySelectorAll("li[data-at]")];
  const group = (rows) => {
    const focused = document.activeElement;
    const parts = [];
    for (const row of rows) {
      const title = label(Number(row.dataset.at));
      if (parts.at(-2)?.textContent !== title) {
        const heading = document.createElement("h2");
        heading.className = "threads-day";
        heading.textContent = title;
        const list = document.createElement("ul");
        list.className = "threads-list";
        parts.push(heading, list);
      }
      parts.at(-1).append(row);
      const link = row.querySelector("a");
      if (new URL(link.href).pathname === location.pathname) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const part of [...nav.children]) if (part.matches("h2, ul, .threads-none")) part.remove();
    nav.prepend(...parts);
    // A row that moved lost the focus.
    if (focused !== document.activeElement && nav.contains(focused)) focused.focus({ preventScroll: true });
  };

  const fetched = async (address) => {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(String(answer.status));
    return pageOf(answer);
  };
  const more = () => nav.querySelector(".threads-older");

  let loading = false;
  const older = async () => {
    const link = more();
    if (loading || !link) return;
    loading = true;
    try {
      const page = await fetched(link.dataset.older);
      const had = document.activeElement === link;
      const known = new Set(rows().map((row) => row.id));
      const added = [...page.querySelectorAll("li[data-at]")].filter((row) => !known.has(row.id));
      link.remove();
      nav.append(...page.querySelectorAll(".threads-older"));
      group([...rows(), ...added]);
      if (had) added[0]?.querySelector("a").focus();
      watch();
    } catch {
      // On failure, the link to older chats stays.
    }
    loading = false;
  };
  const seen = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && older(), {
    root: nav,
    rootMargin: "200px",
  });
  const watch = () => {
    seen.disconnect();
    if (more()) seen.observe(more());
  };
  nav.addEventListener("click", (event) => {
    if (!event.target.closest(".threads-older") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    older();
  });

  // Replaces the suggestions by those that fit the conversation now.
  const suggest = (fresh) => {
    const shown = document.getElementById("suggestions");
    if (!fresh || !shown || shown.textContent === fresh.textContent) return;
    if (shown.contains(document.activeElement)) document.getElementById("message")?.focus();
    shown.replaceWith(fresh);
  };

  // Reloads the newest chats. Older ones loaded below them stay. Newer ones that the server no longer lists go.
  let again = 0;
  const refresh = async () => {
    const turn = ++again;
    const open = location.pathname.match(/^\/t\/(\w+)$/)?.[1];
    const page = await fetched(`/api/threads?html${open ? `&open=${open}` : ""}`).catch(() => undefined);
    if (!page || turn !== again) return;
    suggest(page.getElementById("suggestions"));
    const waits = page.querySelector("[data-waits]");
    for (const shown of waits ? document.querySelectorAll("[data-waits]") : []) shown.replaceWith(waits.cloneNode(true));
    const fresh = [...page.querySelectorAll("li[data-at]")];
    const whole = !page.querySelector(".threads-older");
    const oldest = whole ? -Infinity : Number(fresh.at(-1).dataset.at);
    const ids = new Set(fresh.map((row) => row.id));
    const focused = document.activeElement.closest?.("#threads li")?.id;
    const below = rows().filter((row) => !ids.has(row.id) && Number(row.dataset.at) <= oldest);
    if (whole) more()?.remove();
    else if (!more() && !below.length) nav.append(page.querySelector(".threads-older"));
    group([...fresh, ...below]);
    watch();
    if (focused) document.getElementById(focused)?.querySelector("a").focus({ preventScroll: true });
  };
  document.addEventListener("mandate:list", () => {
    if (location.pathname.startsWith("/t/")) stop();
    refresh();
  });

  // A chat's own stream also announces changes of the list. Other pages have a stream for the list alone. Each
  // announces one when it opens.
  let stop = () => {};
  if (nav.dataset.stream && !location.pathname.startsWith("/t/")) {
    stop = followStream(nav.dataset.stream, { listen: (source) => source.addEventListener("list", refresh) });
  }

  group(rows());
  watch();
  nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
})();
