// Copies an answer as the Markdown that the model wrote (`data-source`), or the code beside the button.
const tr = (english, german) => (document.documentElement.lang === "de" ? german : english);
const NOT_ALLOWED = tr(
  "Not copied: this browser doesn’t allow it. Select the text and copy it.",
  "Nicht kopiert: Dieser Browser erlaubt es nicht. Markiere den Text, und kopiere ihn.",
);
const UNREACHABLE = tr("Not copied: Mandate can’t be reached right now.", "Nicht kopiert: Mandate ist gerade nicht erreichbar.");

class Unreachable extends Error {}

const source = async (button) => {
  const address = button.dataset.source;
  if (!address) return button.parentElement.querySelector("pre, code").textContent;
  const answer = await fetch(address).catch(() => undefined);
  if (!answer?.ok) throw new Unreachable();
  return answer.text();
};

/** Without the clipboard's permission, or without HTTPS, browsers still copy what is selected. */
const copySelected = (text) => {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus({ preventScroll: true });
  return done;
};

const write = async (text) => {
  try {
    // Passes a promise, so that the write still counts as part of the click.
    const blob = text.then((text) => new Blob([text], { type: "text/plain" }));
    // If `write` fails at once, nothing else handles this promise's rejection.
    blob.catch(() => {});
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  } catch {
    if (!copySelected(await text)) throw new Error(NOT_ALLOWED);
  }
};

export default async (button, say) => {
  const words = button.querySelector("[data-words]");
  const told = (text, state) => {
    say(text);
    clearTimeout(button.timer);
    button.words ??= words.textContent;
    words.textContent = text;
    button.dataset.state = state;
    button.timer = setTimeout(() => {
      words.textContent = button.words;
      delete button.dataset.state;
    }, state === "done" ? 2_000 : 8_000);
  };
  try {
    await write(source(button));
    told(tr("Copied", "Kopiert"), "done");
  } catch (error) {
    told(error instanceof Unreachable ? UNREACHABLE : NOT_ALLOWED, "failed");
  }
};
