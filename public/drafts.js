// The browser keeps a person's drafts (draft.rs) until the logout. Loaded by every page with a way to log out.
document.addEventListener("submit", (event) => {
  if (!event.target.action.endsWith("/auth/logout")) return;
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith("mandate.draft.")) localStorage.removeItem(name);
  } catch {
    // Without storage there is nothing to remove.
  }
});
