// The page's only live region for screen readers: says one text at a time, in order, and is empty afterwards.
// Other scripts send it the event mandate:say.
(() => {
  // The time that a text stays for the screen reader to read, in milliseconds.
  const STAYS = 1_200;
  const region = document.createElement("div");
  region.id = "voice";
  region.className = "visually-hidden";
  region.ariaLive = "polite";
  document.body.append(region);
  const texts = [];
  const next = () => {
    region.textContent = texts[0];
    setTimeout(() => {
      region.textContent = "";
      texts.shift();
      // Empty in between, so that the same text is said again.
      if (texts.length) setTimeout(next, 100);
    }, STAYS);
  };
  document.addEventListener("mandate:say", ({ detail }) => {
    if (detail && texts.push(detail) === 1) next();
  });
})();
