// A page's event stream. It is closed while the page is hidden, because browsers allow six connections to a site, and
// reopens with backoff when it breaks.
// Calls `listen` with each new EventSource, `opened` when it is open, and `ended` when it has ended. Returns a function
// that ends it for good.
globalThis.followStream = (address, { listen, opened, ended }) => {
  let source;
  let pause = 1_000;
  let over = false;
  const close = () => {
    source?.close();
    source = undefined;
  };
  const open = () => {
    if (source || over || document.hidden) return;
    source = new EventSource(address);
    source.onopen = () => {
      pause = 1_000;
      opened?.();
    };
    source.onerror = () => {
      // The browser reconnects by itself, except after an error status such as 503.
      if (source?.readyState !== EventSource.CLOSED) return;
      close();
      ended?.();
      setTimeout(open, pause);
      pause = Math.min(pause * 2, 30_000);
    };
    listen(source);
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
  return () => {
    over = true;
    close();
  };
};
