// Opens a link's page as a dialog: shows its element `#dialog`, with its forms.
export default async (link) => {
  const answer = await fetch(link.href);
  if (!answer.ok) return location.assign(link.href);
  const page = await pageOf(answer);
  const content = page.getElementById("dialog");
  if (!content) return location.assign(link.href);
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "dialog-title");
  dialog.append(content);
  // A click beside the dialog closes it, as Escape does.
  dialog.addEventListener("click", (event) => {
    const closes = event.target === dialog || event.target.closest("[data-close]");
    if (!closes) return;
    event.preventDefault();
    dialog.close();
  });
  // The chat's stream brings its new title, so the page isn't reloaded.
  dialog.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.dataset.stay === undefined) return;
    event.preventDefault();
    const request = { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" };
    const answer = await fetch(form.action, request).catch(() => undefined);
    if (answer?.type === "opaqueredirect") dialog.close();
    // On failure, the form's own page shows the error.
    else form.submit();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    // The list may have been reloaded, with a new element for the link.
    (link.isConnected ? link : document.querySelector(`a[href="${link.getAttribute("href")}"]`))?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  content.querySelector("input:not([type=hidden])")?.select();
};
