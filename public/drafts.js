// Removes drafts of messages (draft.rs) at the logout. Every page with a logout button loads it. Drafts that other tabs
// still show stay there.
document.addEventListener("submit", (event) => {
  if (!event.target.action.endsWith("/auth/logout")) return;
  try {
    for (const storage of [localStorage, sessionStorage]) {
      for (const name of Object.keys(storage)) if (name.startsWith("mandate.draft.")) storage.removeItem(name);
    }
  } catch {
    // Without storage there is nothing to remove.
  }
});
