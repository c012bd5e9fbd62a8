// The one way from text to elements: the policy that the pages allow (Trusted Types; docs/THREATS.md, line 10). Anywhere
// else the browser refuses text as HTML. What passes was rendered by this site's own server.
(() => {
  const policy = globalThis.trustedTypes?.createPolicy("mandate", { createHTML: (html) => html });
  // For the chat's island, which gets HTML by its stream.
  globalThis.ownHtml = (html) => policy?.createHTML(html) ?? html;
  /** The page, or the part of one, in an answer of this site. */
  globalThis.pageOf = async (answer) => {
    if (answer.type !== "basic") throw new Error(`not this site’s answer: ${answer.url}`);
    return new DOMParser().parseFromString(ownHtml(await answer.text()), "text/html");
  };
})();
