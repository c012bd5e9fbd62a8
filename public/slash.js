// Commands in the composer: after a slash at its start, a list of tools and prompts to choose from.
let commands;
const load = async () => {
  const answer = await fetch("/api/commands");
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
};

export default async (area) => {
  // Words in the reader's language: a label, and counts for one and for more.
  const [label, one, more] = document.getElementById("content").dataset.commandWords.split("\n");
  const list = document.createElement("ul");
  list.className = "slash";
  list.id = "slash";
  list.hidden = true;
  list.role = "listbox";
  list.ariaLabel = label;
  const told = document.createElement("p");
  told.className = "visually-hidden";
  told.role = "status";
  area.form.before(list, told);
  area.setAttribute("aria-controls", "slash");
  area.setAttribute("aria-autocomplete", "list");
  let shown = [];
  let at = 0;

  const close = () => {
    list.hidden = true;
    told.textContent = "";
    area.removeAttribute("aria-activedescendant");
  };
  const mark = (to) => {
    at = (to + shown.length) % shown.length;
    [...list.children].forEach((row, index) => (row.ariaSelected = String(index === at)));
    list.children[at].scrollIntoView({ block: "nearest" });
    area.setAttribute("aria-activedescendant", list.children[at].id);
  };
  const choose = (command) => {
    area.value = command.text;
    // Selects the part that the person fills in.
    const gap = command.text.match(/\{[^}]*\}/);
    const from = gap ? gap.index : command.text.length;
    area.focus();
    area.setSelectionRange(from, from + (gap ? gap[0].length : 0));
    area.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  };
  const show = async () => {
    const asked = /^\/(\S*)$/.exec(area.value)?.[1].toLowerCase();
    if (asked === undefined) return close();
    try {
      commands ??= await load();
    } catch {
      return close();
    }
    if (!area.value.startsWith("/")) return close();
    shown = commands.filter((it) => it.name.includes(asked) || it.title.toLowerCase().includes(asked));
    list.replaceChildren(
      ...shown.map((command, index) => {
        const row = document.createElement("li");
        row.id = `slash-${index}`;
        row.role = "option";
        for (const [kind, className, text] of [["strong", "", command.title], ["code", "", `/${command.name}`], ["span", "muted", command.text]]) {
          const part = document.createElement(kind);
          part.className = className;
          part.textContent = text;
          row.append(part, " ");
        }
        row.addEventListener("pointerdown", (event) => event.preventDefault());
        row.addEventListener("click", () => choose(command));
        return row;
      }),
    );
    list.hidden = shown.length === 0;
    told.textContent = (shown.length === 1 ? one : more).replace("{}", shown.length);
    if (shown.length) mark(0);
    else close();
  };
  // Captures the key before the composer, which sends at Enter.
  document.addEventListener(
    "keydown",
    (event) => {
      if (list.hidden || event.target !== area || event.isComposing) return;
      const act = { ArrowDown: () => mark(at + 1), ArrowUp: () => mark(at - 1), Enter: () => choose(shown[at]), Tab: () => choose(shown[at]), Escape: close }[event.key];
      if (!act || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    },
    true,
  );
  area.addEventListener("input", show);
  area.addEventListener("blur", () => setTimeout(close, 150));
  await show();
};
