// Turns a message into an editor. Sending it continues the chat from there in a new version.
const tr = (english, german) => (document.documentElement.lang === "de" ? german : english);
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export default (button, say) => {
  const item = button.closest("li");
  const bubble = item.querySelector(".bubble");
  const row = button.parentElement;
  const thread = location.pathname.split("/")[2];
  // A message sent again under its key is accepted once.
  let key = newKey();
  const text = element("textarea", { className: "input", value: bubble.textContent, rows: 1, dir: "auto" });
  text.setAttribute("aria-label", tr("Edit your message", "Bearbeite deine Nachricht"));
  const hint = element("p", { className: "small muted", textContent: tr("The chat goes on from here. Requests that wait below are withdrawn. Orders that were placed stay.", "Der Chat geht von hier weiter. Anfragen, die darunter warten, werden zurückgezogen. Aufgegebene Aufträge bleiben.") });
  const fault = element("p", { className: "small edit-fault", role: "alert" });
  const cancel = element("button", { type: "button", className: "button quiet", textContent: tr("Cancel", "Abbrechen") });
  const send = element("button", { className: "button primary", textContent: tr("Send", "Senden") });
  const form = element("form", { className: "edit" }, text, hint, fault, element("div", { className: "chat-edit-ways" }, cancel, send));
  const grow = () => {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
  };
  const close = () => {
    form.remove();
    bubble.hidden = row.hidden = false;
  };
  const told = (words) => {
    fault.textContent = `${words} ${tr("Your text is kept here.", "Dein Text bleibt hier.")}`;
    send.disabled = false;
  };
  cancel.onclick = () => {
    close();
    button.focus();
  };
  text.oninput = () => {
    key = newKey();
    grow();
  };
  text.onkeydown = (event) => {
    if (event.key === "Escape") cancel.onclick();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (send.disabled || !text.value.trim()) return;
    send.disabled = true;
    const body = { text: text.value, key, replaces: button.dataset.message, signed_in: item.parentElement?.dataset.signedIn === "true" };
    const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(`/api/threads/${thread}/messages`, request).catch(() => undefined);
    if (answer?.ok) {
      close();
      say(tr("Sent. The chat goes on from your new message.", "Gesendet. Der Chat geht von deiner neuen Nachricht weiter."));
      const composer = document.getElementById("message");
      // A page of earlier messages has no composer, and doesn't show new ones.
      if (composer) composer.focus();
      else location.assign(`/t/${thread}`);
      return;
    }
    const refused = await answer?.json().catch(() => undefined);
    told(refused?.message ?? tr("Mandate can’t be reached right now, so it wasn’t sent.", "Mandate ist gerade nicht erreichbar, deshalb wurde sie nicht gesendet."));
  };
  bubble.hidden = row.hidden = true;
  bubble.after(form);
  grow();
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
};
