// The live page: numbers, charts, latest incidents and health, as they come.
import { localTimes, say, short } from "./app.js";

const classes = ["portscan", "bruteforce", "dos", "ddos", "bot", "webattack", "infiltration", "heartbleed"];
const names = { portscan: "Port scan", bruteforce: "Brute force", dos: "DoS", ddos: "DDoS", bot: "Bot", webattack: "Web attack", infiltration: "Infiltration", heartbleed: "Heartbleed" };
const kinds = {
  bits: [{ name: "bits", label: "Bits", colour: "--s1", fill: true }],
  packets: [{ name: "packets", label: "Packets", colour: "--s1", fill: true }, { name: "drops", label: "Dropped", colour: "--s2" }],
  flows: [{ name: "flows", label: "Flows", colour: "--s1", fill: true }],
  verdicts: classes.map((c, i) => ({ name: "verdict." + c, label: names[c], colour: "--s" + (i + 2) })),
};
const live = 600; // seconds of the live range
let times = [], columns = {}, step = 1, range = "10m", plots = [];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function drawn(kind) { // verdicts that never occurred only fill the legend
  const all = kinds[kind].filter((s) => columns[s.name]);
  const some = kind === "verdicts" ? all.filter((s) => columns[s.name].some((v) => v > 0)) : all;
  return some.slice(0, 6);
}

function draw() {
  for (const p of plots) p.destroy();
  plots = [];
  for (const box of document.querySelectorAll("[data-chart]")) {
    const series = drawn(box.dataset.chart);
    box.replaceChildren();
    if (series.length === 0 || times.length < 2) {
      const empty = document.createElement("p");
      empty.className = "chart-empty";
      empty.textContent = box.dataset.chart === "verdicts" && times.length >= 2 ? "Nothing suspicious in this span." : "Waiting for numbers…";
      box.append(empty);
      continue;
    }
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    const legend = series.length > 1 || box.dataset.chart === "verdicts";
    const plot = new uPlot({
      width: box.clientWidth, height: legend ? 156 : 180, padding: [8, 8, 0, 0], cursor: { y: false, points: { size: 6 } }, legend: { live: false, isolate: true, show: legend },
      scales: { x: { time: true }, y: { range: (_, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
      axes: [{ ...axis, space: 70, size: 28, values: moments }, { ...axis, size: 56, values: (_, ticks) => ticks.map(short) }],
      series: [{}, ...series.map((s) => ({ label: s.label, stroke: colour(s.colour), width: 1.6, fill: s.fill ? colour(s.colour) + "22" : undefined, points: { show: false }, spanGaps: step === 1 }))],
    }, [times, ...series.map((s) => columns[s.name])], box);
    plot.kind = box.dataset.chart;
    plot.shown = series.map((s) => s.name);
    const canvas = box.querySelector("canvas");
    canvas.setAttribute("role", "img");
    plots.push(plot);
    describe(plot, canvas, series);
  }
}

const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

// moments labels the axis of time: hours within two days, days beyond.
function moments(plot, ticks) {
  const long = plot.scales.x.max - plot.scales.x.min > 2 * 86400;
  return ticks.map((t) => (long ? day : hour).format(new Date(t * 1000)));
}

function describe(plot, canvas, series) {
  canvas.setAttribute("aria-label", series.map((s) => {
    const v = columns[s.name].filter((x) => x !== null);
    return s.label + ": latest " + short(v.at(-1) ?? 0) + ", most " + short(Math.max(0, ...v)) + " a second";
  }).join("; "));
}

async function load() {
  const wanted = range;
  try {
    const answer = await fetch("/api/v1/series?range=" + (wanted === "10m" ? "live" : wanted));
    if (!answer.ok) throw new Error();
    const body = await answer.json();
    if (wanted !== range) return;
    times = body.times ?? [];
    columns = body.series;
    step = body.step_seconds;
    while (times.length && Object.values(columns).every((c) => c.at(-1) === null)) { // the interval that has only begun
      times.pop();
      for (const c of Object.values(columns)) c.pop();
    }
    draw();
  } catch { say("The charts could not be loaded."); }
}

function append(r) {
  if (range !== "10m") return;
  const at = Math.round(Date.parse(r.time) / 1000);
  if (times.length && at <= times.at(-1)) return;
  step = 1;
  const now = { bits: r.bits, packets: r.packets, flows: r.flows, drops: r.drops };
  for (const c of classes) if (r.verdicts?.[c] !== undefined || columns["verdict." + c]) now["verdict." + c] = r.verdicts?.[c] ?? 0;
  for (const name of Object.keys(now)) columns[name] ??= new Array(times.length).fill(null);
  times.push(at);
  for (const [name, column] of Object.entries(columns)) column.push(now[name] ?? null);
  while (times[0] < at - live) {
    times.shift();
    for (const column of Object.values(columns)) column.shift();
  }
  if (document.hidden) return;
  if (plots.length < 4 && times.length > 1 || plots.some((p) => p.shown.join() !== drawn(p.kind).map((s) => s.name).join())) { draw(); return; }
  for (const p of plots) p.setData([times, ...p.shown.map((n) => columns[n])]);
}

function numbers(r) {
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
  const severity = element("td"), main = element("td", "main"), when = element("td"), state = element("td");
  severity.append(element("span", "sev sev" + Math.min(Math.max(i.severity, 1), 3), i.urgency));
  const link = element("a", "", i.title);
  link.href = "/incidents/" + encodeURIComponent(i.id);
  main.append(link);
  const time = element("time");
  time.dateTime = i.end;
  when.append(time);
  state.append(element("span", "state state-open", "Open"));
  row.append(severity, main, element("td", "num", i.flows.toLocaleString("en")), when, state);
  localTimes(row);
  return row;
}

function latest(i) {
  const body = document.getElementById("latest");
  for (const row of body.rows) if (row.dataset.id === i.id) { row.remove(); break; }
  body.prepend(incidentRow(i));
  while (body.rows.length > 8) body.lastElementChild.remove();
  document.getElementById("none")?.remove();
  if (i.revision === 1) say(i.urgency + " severity: " + i.title);
}

async function health() {
  try {
    const body = await (await fetch("/api/v1/stats")).json();
    const words = { ok: "Good", warning: "Look", failing: "Fails" };
    document.getElementById("health").replaceChildren(...body.health.map((h) => {
      const item = element("li"), text = element("div");
      text.append(element("strong", "", h.name), element("span", "", h.detail));
      item.append(element("span", "cond cond-" + h.condition, words[h.condition]), text);
      return item;
    }));
    document.getElementById("talkers")?.replaceChildren(...(body.talkers ?? []).map((t) => {
      const row = element("tr"), host = element("td"), link = element("a", "", t.address);
      link.href = "/incidents?state=all&address=" + encodeURIComponent(t.address);
      host.append(link);
      row.append(host, element("td", "num", short(t.bits)), element("td", "num", short(t.flows)));
      return row;
    }));
  } catch { /* the link below the heading says that nothing comes */ }
}

function link(on) {
  const e = document.getElementById("link");
  e.dataset.link = on ? "on" : "off";
  e.textContent = on ? "live" : "not connected";
}

const events = new EventSource("/events");
events.addEventListener("open", () => link(true));
events.addEventListener("error", () => link(false));
events.addEventListener("rates", (e) => { const r = JSON.parse(e.data); numbers(r); append(r); });
events.addEventListener("incident", (e) => latest(JSON.parse(e.data)));
document.getElementById("range").addEventListener("change", (e) => { range = e.target.value; load(); });
document.addEventListener("theme", draw);
let resized;
addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(draw, 150); });
addEventListener("load", load);
setInterval(health, 10000);
setInterval(() => { if (range !== "10m") load(); }, 60000);
