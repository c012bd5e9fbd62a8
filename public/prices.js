// Live prices on StockTrade's pages, and the values that depend on them: holdings, gains, the total. Amounts are in
// whole cents, never fractions. Without this script the page shows the prices at load.
(() => {
  const cents = (text) => {
    const match = /^(-?)(\d+)\.(\d\d)$/.exec(text ?? "");
    return match ? Number(match[1] + match[2] + match[3]) : undefined;
  };
  const german = document.documentElement.lang === "de";
  const [thousands, point] = german ? [".", ","] : [",", "."];
  const [up, down, unchanged] = german ? ["gestiegen", "gefallen", "unverändert"] : ["up", "down", "unchanged"];
  const grouped = (amount) => {
    const whole = Math.floor(Math.abs(amount) / 100).toString().replace(/\B(?=(\d{3})+$)/g, thousands);
    return `${amount < 0 ? "−" : ""}${whole}${point}${String(Math.abs(amount) % 100).padStart(2, "0")}`;
  };
  const percent = (from, to) => {
    if (!from) return `0${point}00 %`;
    const hundredths = Math.floor((Math.floor((Math.abs(to - from) * 20_000) / Math.abs(from)) + 1) / 2);
    return `${Math.floor(hundredths / 100)}${point}${String(hundredths % 100).padStart(2, "0")} %`;
  };
  const write = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text;
  };
  // Updates ▲ or ▼, its word, the amount and the percentage, if the element shows them.
  const change = (element, from, to) => {
    const delta = element.matches(".delta") ? element : element.querySelector("[data-delta]");
    if (!delta || from === undefined) return;
    const way = Math.sign(to - from);
    delta.classList.toggle("up", way > 0);
    delta.classList.toggle("down", way < 0);
    // The chart next to it has the same colour.
    const chart = element.closest(".card-part")?.querySelector(".chart");
    chart?.classList.toggle("up", way >= 0);
    chart?.classList.toggle("down", way < 0);
    write(element.querySelector(".mark"), way > 0 ? "▲" : way < 0 ? "▼" : "");
    write(element.querySelector("[data-word]"), `${way > 0 ? up : way < 0 ? down : unchanged} `);
    write(element.querySelector("[data-amount]"), grouped(Math.abs(to - from)));
    write(element.querySelector("[data-percent]"), percent(from, to));
  };

  const prices = new Map();
  const show = () => {
    for (const [symbol, price] of prices) {
      const name = CSS.escape(symbol);
      for (const element of document.querySelectorAll(`[data-price="${name}"]`)) write(element, grouped(price));
      for (const element of document.querySelectorAll(`[data-today="${name}"]`)) change(element, cents(element.dataset.from), price);
      for (const element of document.querySelectorAll(`[data-worth="${name}"]`)) write(element, `${grouped(price * Number(element.dataset.shares))} USD`);
      for (const row of document.querySelectorAll(`[data-holding="${name}"]`)) {
        const value = price * Number(row.dataset.shares);
        row.dataset.now = value;
        write(row.querySelector("[data-value]"), grouped(value));
        const gain = row.querySelector("[data-gain]");
        if (gain) change(gain, cents(row.dataset.cost), value);
      }
    }
    const total = document.querySelector("[data-total]");
    const rows = [...document.querySelectorAll("[data-holding]")];
    if (!total || rows.some((row) => !row.dataset.now)) return;
    const sum = rows.reduce((sum, row) => sum + Number(row.dataset.now), cents(total.dataset.cash) ?? 0);
    write(total, grouped(sum));
    const gain = document.querySelector("p[data-gain]");
    if (gain) change(gain, cents(gain.dataset.from), sum);
  };

  if (!document.querySelector("[data-price]")) return;
  let frame;
  // Each message is one stock's price. The first messages are the current prices.
  const take = (event) => {
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return;
    }
    const price = cents(data.price);
    if (price === undefined) return;
    prices.set(data.symbol, price);
    // The prices of one moment arrive one by one. Show them together.
    frame ??= requestAnimationFrame(() => {
      frame = undefined;
      show();
    });
  };
  followStream("/api/prices", {
    listen: (source) => {
      source.onmessage = take;
    },
  });
})();
