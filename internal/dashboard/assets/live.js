// The live page: numbers, latest incidents and health, as they come.
import { ask, localTimes, moment, say, short } from "./app.js";
import { append } from "./charts.js";
import { listen } from "./stream.js";

const shown = 8; // incidents
const quiet = 5000; // milliseconds without a number after which they are old
let last = 0;

function numbers(r) {
  last = Date.now();
  for (const dd of document.querySelectorAll("[data-rate]")) {
    const v = r[dd.dataset.rate];
    dd.textContent = dd.dataset.rate === "active" ? v.toLocaleString("en") : short(v);
    if (dd.dataset.rate === "drops") dd.classList.toggle("bad", v > 0);
  }
}

function element(name, cls, text) {
  const e = document.createElement(name);
  if (cls) e.className = cls;
  if (text !== undefined) e.textContent = text;
  return e;
}

function incidentRow(i) {
  const row = element("tr", "fresh");
  row.dataset.id = i.id;
  const severity = element("td", "severity"), main = element("td", "main"), when = element("td", "time"), state = element("td", "condition");
  severity.append(element("span", "sev sev" + Math.min(Math.max(i.severity, 1), 3), i.urgency));
  const link = element("a", "", i.title);
  link.href = "/incidents/" + encodeURIComponent(i.id);
  main.append(link, element("span", "why", i.reason));
  const time = element("time");
  time.dateTime = i.end;
  when.append(time);
  state.append(element("span", "state state-open", "Open"));
  const flows = element("td", "num flows", i.flows.toLocaleString("en"));
  flows.dataset.noun = i.flows === 1 ? "flow" : "flows";
  row.append(severity, main, element("td", "num sure", (100 * i.confidence).toFixed(0) + " %"), flows, when, state);
  localTimes(row);
  return row;
}

function latest(i) {
  const body = document.getElementById("latest");
  for (const row of body.rows) if (row.dataset.id === i.id) { row.remove(); break; }
  body.prepend(incidentRow(i));
  while (body.rows.length > shown) body.lastElementChild.remove();
  document.getElementById("none")?.remove();
  if (i.revision === 1) {
    say(i.urgency + " severity: " + i.title);
    health();
  }
}

function open(counts) {
  const [total, urgent] = ["total", "urgent"].map((n) => document.querySelector("[data-open=" + n + "]"));
  total.textContent = counts.total.toLocaleString("en");
  urgent.textContent = counts.urgent.toLocaleString("en") + " high";
  urgent.hidden = counts.urgent === 0;
}

async function health() {
  try {
    const body = await ask("stats");
    open(body.open);
    const words = { ok: "Good", warning: "Look", failing: "Fails" };
    document.getElementById("health").replaceChildren(...body.health.map((h) => {
      const item = element("li"), text = element("div");
      text.append(element("strong", "", h.name), element("span", "", h.detail));
      item.append(element("span", "cond cond-" + h.condition, words[h.condition]), text);
      return item;
    }));
    failing(body.health.filter((h) => h.condition === "failing"));
    document.getElementById("talkers")?.replaceChildren(...(body.talkers ?? []).map((t) => {
      const row = element("tr"), host = element("td", "address"), link = element("a", "", t.address);
      link.href = "/incidents?state=all&address=" + encodeURIComponent(t.address);
      host.append(link);
      row.append(host, element("td", "num", short(t.bits)), element("td", "num", short(t.flows)));
      return row;
    }));
  } catch { /* the link below the heading says that nothing comes */ }
}

// failing shows what does not work, and leaves alone what is shown already.
function failing(items) {
  const box = document.getElementById("failing");
  const texts = items.map((h) => h.name + ": " + h.detail);
  if (box.dataset.shown === texts.join("\n")) return;
  box.dataset.shown = texts.join("\n");
  box.replaceChildren(...texts.map((text) => {
    const p = element("p", "wrong", text);
    p.setAttribute("role", "alert");
    return p;
  }));
}

let on = "";
function link(state = on) {
  on = state;
  const e = document.getElementById("link"), old = Date.now() - last > quiet;
  const [name, text] = on !== "on" ? ["off", "reconnecting" + (last ? ", the numbers are of " + moment(new Date(last)) : "")] : old && last ? ["off", "no numbers since " + moment(new Date(last))] : ["on", "live"];
  if (e.textContent === text) return;
  e.dataset.link = name;
  e.textContent = text;
  document.getElementById("tiles").classList.toggle("stale", name === "off");
}

listen({ rates(r) { numbers(r); append(r); link(); }, incident: latest }, link);
setInterval(health, 10000);
setInterval(() => link(), 1000);
