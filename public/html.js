// The only Trusted Types policy that the pages allow (docs/THREATS.md, line 10). The browser refuses HTML from text
// that doesn't go through it. What goes through it comes from this site's own server.
(() => {
  const policy = globalThis.trustedTypes?.createPolicy("mandate", { createHTML: (html) => html });
  // Used by the chat's island, which gets HTML in its stream.
  globalThis.ownHtml = (html) => policy?.createHTML(html) ?? html;
  /** Parses an answer of this site as a page, or part of one. */
  globalThis.pageOf = async (answer) => {
    if (answer.type !== "basic") throw new Error(`not this site’s answer: ${answer.url}`);
    return new DOMParser().parseFromString(ownHtml(await answer.text()), "text/html");
  };
})();
