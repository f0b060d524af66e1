// The stream of news. A browser connects again by itself when the line breaks, but
// gives up when the server refuses; then a new stream is tried.
import { ask } from "./app.js";

const again = 5000;

// listen calls on[name] with each event of that name, and state with "on" or "off".
export function listen(on, state = () => {}) {
  const events = new EventSource("/events");
  events.addEventListener("open", () => state("on"));
  events.addEventListener("error", () => {
    state("off");
    if (events.readyState !== EventSource.CLOSED) return;
    setTimeout(async () => {
      try { await ask("stats"); } catch { /* it is away; a session that has ended leads to the log-in */ }
      listen(on, state);
    }, again);
  });
  for (const [name, action] of Object.entries(on)) events.addEventListener(name, (e) => action(JSON.parse(e.data)));
}
