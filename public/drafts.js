// Drafts of messages (draft.rs) are removed at the logout. Loaded by every page with a way to log out. What other tabs
// still show stays theirs.
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
