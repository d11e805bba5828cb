"""The page of an HTML report: its style and its script, both without any library, and its frame.

They are texts of Python because the report is made where no file is read. Everything that comes from a run reaches the
script as JSON, and the page only as text nodes.
"""

from __future__ import annotations

__all__ = ["FRAME", "SCRIPT", "STYLE"]

FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{style_sum}'; \
script-src '{script_sum}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
<aside id="panel" role="dialog" aria-labelledby="panel-title" tabindex="-1" hidden></aside>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""

# The colours of Okabe and Ito, which people with any kind of colour blindness tell apart; each verdict has a sign too.
STYLE = r"""
:root {
  color-scheme: light dark;
  --ground: #fbfbfa; --card: #fff; --ink: #1d2125; --soft: #5b646d; --line: #d9dde1; --head: #f0f2f4; --link: #0b5cad;
  --pass: #00775a; --known: #8a5a00; --fail: #b33c00; --gone: #95317a; --skip: #5b646d;
  --pass-fill: #d8f0e8; --known-fill: #fdeecb; --fail-fill: #ffd9c7; --gone-fill: #f6dcec; --skip-fill: #eceff1;
  --alarm: #b33c00; --alarm-ink: #fff;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --card: #1c2024; --ink: #e6e9ec; --soft: #9aa5af; --line: #363d44; --head: #242a2f;
    --link: #7fbcf5; --pass: #4fd0a8; --known: #f2b84b; --fail: #ff9464; --gone: #ec9dcd; --skip: #9aa5af;
    --pass-fill: #143a30; --known-fill: #40300f; --fail-fill: #552310; --gone-fill: #45203a; --skip-fill: #2a3036;
    --alarm: #ff9464; --alarm-ink: #1c1008;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, "Segoe UI", sans-serif; }
main { max-width: 92rem; margin: 0 auto; padding: 1.2rem; }
h1 { font-size: 1.5rem; margin: 0 0 .4rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
h3 { font-size: .95rem; margin: 1.3rem 0 .4rem; }
p { margin: .4rem 0; }
code, pre, .value { font-family: var(--mono); font-size: .86em; }
code.repeat { user-select: all; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
tr:last-child > * { border-bottom: 0; }
thead th { background: var(--head); font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
ul.plain { margin: .3rem 0; padding-left: 1.2rem; }
.badge { display: inline-block; padding: .1rem .55rem; border-radius: 999px; font-weight: 600; white-space: nowrap; }
.pass { color: var(--pass); } .known { color: var(--known); } .fail { color: var(--fail); }
.gone { color: var(--gone); } .skip { color: var(--skip); }
.badge.pass, button.pass { background: var(--pass-fill); } .badge.known, button.known { background: var(--known-fill); }
.badge.fail, button.fail { background: var(--fail-fill); } .badge.gone, button.gone { background: var(--gone-fill); }
.badge.skip, button.skip { background: var(--skip-fill); }
.zero { color: var(--soft); opacity: .6; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: .5rem 0; font-size: .88rem; }

button, input, select { font: inherit; color: inherit; }
button { cursor: pointer; border: 1px solid transparent; border-radius: 5px; background: none; }
button:hover { border-color: currentColor; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }

#filters {
  position: sticky; top: 0; z-index: 3; display: flex; flex-wrap: wrap; gap: .5rem; align-items: center;
  padding: .6rem 0; background: var(--ground);
}
#filters input, #filters select, #filters button.tool {
  padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 6px; background: var(--card); max-width: 100%;
}
#filters input { flex: 1 1 12rem; min-width: 8rem; }
#filters select { max-width: 14rem; }
.chip { padding: .2rem .7rem; border: 1px solid var(--line); border-radius: 999px; opacity: .8; }
.chip[aria-pressed="true"] { border: 2px solid currentColor; font-weight: 600; opacity: 1; }
#shown { flex-basis: 100%; font-size: .88rem; }

#grid { table-layout: fixed; }
#grid th.runner { overflow: hidden; text-overflow: ellipsis; }
#grid th.name { width: 32%; font-weight: 400; overflow-wrap: anywhere; }
#grid td { padding: .15rem .3rem; vertical-align: middle; }
#grid tr.group > * { background: var(--head); padding: .35rem .6rem; }
#grid tr.group td { white-space: nowrap; font-variant-numeric: tabular-nums; font-size: .9rem; }
#grid tr.group span + span { margin-left: .6rem; }
#grid button { width: 100%; text-align: left; padding: .2rem .45rem; }
#grid tr.group button { font-weight: 600; padding: 0; }
#grid tr.group button::before { content: "▸"; display: inline-block; width: 1.1em; }
#grid tr.group button[aria-expanded="true"]::before { content: "▾"; }
#grid .cell { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: .86rem; }
#grid button { scroll-margin: 8rem 1rem 2rem; }
#grid button.cell { color: var(--ink); }
#grid .cell .sign, .result .sign { font-weight: 700; margin-right: .4em; }
.cell.pass .sign { color: var(--pass); } .cell.known .sign { color: var(--known); }
.cell.gone .sign { color: var(--gone); }
/* What fails differs in brightness too, as yellow and red may look alike. */
#grid .cell.fail, #grid .cell.fail .sign, #matrix button.fail { background: var(--alarm); color: var(--alarm-ink); }
.cell.fail, .cell.gone { font-weight: 600; }
.cell.gone { border: 1px dashed var(--gone); }
#grid button.cell.pass { background: none; }
#grid [aria-current="true"], #matrix [aria-current="true"] { outline: 2px solid var(--link); }
.id { font-family: var(--mono); font-size: .86em; color: var(--soft); margin-right: .6em; }
.scroll.fit { width: fit-content; max-width: 100%; }
#matrix td, #matrix thead th { text-align: center; }
#matrix button { padding: .15rem .6rem; white-space: nowrap; }

#panel {
  position: fixed; z-index: 5; top: 0; right: 0; bottom: 0; width: min(40rem, 46vw); overflow-y: auto;
  padding: 1rem 1.2rem 3rem; background: var(--card); border-left: 1px solid var(--line);
  box-shadow: -4px 0 18px rgb(0 0 0 / .18);
}
#panel:focus { outline: none; }
#panel h2 { margin: .8rem 0 .5rem; overflow-wrap: anywhere; }
#panel .bar { display: flex; gap: .4rem; position: sticky; top: -1rem; margin: -1rem -1.2rem 0; padding: .6rem 1.2rem;
  background: var(--card); border-bottom: 1px solid var(--line); z-index: 1; }
#panel .bar button { padding: .2rem .6rem; border: 1px solid var(--line); }
#panel .bar .close { margin-left: auto; }
dl { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: .35rem .9rem; margin: .5rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.value {
  display: block; unicode-bidi: isolate; white-space: pre-wrap; overflow-wrap: anywhere;
  max-height: 16rem; overflow-y: auto;
}
.flag {
  border: 1px solid var(--line); border-left: 4px solid var(--known); border-radius: 6px;
  padding: .2rem .8rem; margin: .6rem 0;
}
.flag.none { border-left-color: var(--line); }
table.small { font-size: .9rem; }
table.small button { text-align: left; padding: .05rem .4rem; overflow-wrap: anywhere; }
.lost { border-top: 1px solid var(--line); margin-top: .8rem; }

@media (min-width: 1100px) {
  body.split main { margin: 0; max-width: none; padding-right: calc(min(40rem, 46vw) + 1.2rem); }
}
@media (max-width: 1099px) {
  /* What the panel is about stays above it. */
  body.split main { padding-bottom: 80vh; }
  body.split #grid button, body.split #matrix button { scroll-margin-bottom: 80vh; }
  #panel {
    top: auto; left: 0; width: auto; max-height: 78vh; border-left: 0; border-top: 2px solid var(--line);
    border-radius: 12px 12px 0 0;
  }
}
@media (max-width: 640px) {
  main { padding: .7rem; }
  #filters { position: static; }
  #grid th.name { width: 9.5rem; position: sticky; left: 0; z-index: 1; background: var(--card); }
  #grid thead th.name, #grid tr.group th.name { background: var(--head); }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: .5rem; }
}
@media print { #filters, #panel { display: none; } }
"""

SCRIPT = r"""
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { strings, verdicts, runners, groups, flags, vectors, results, cells } = data;
  const byId = (id) => document.getElementById(id);
  const panel = byId("panel");
  const say = (index) => strings[index];

  function el(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "onclick") made.addEventListener("click", value);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== false && value != null) made.setAttribute(key, value);
    }
    // Strings become text nodes: nothing of a report is ever read as HTML.
    made.append(...children.filter((child) => child != null && child !== ""));
    return made;
  }
  const isolated = (text) => el("bdi", {}, text);
  const sign = (verdict) => el("span", { class: "sign", "aria-hidden": "true" }, verdict.sign);

  // A result is [verdict, crash, brief, got, hex, expected, why]; 0 where a runner did not meet the vector.
  const resultOf = (runner, vector) => results[runner][vector] || null;
  const verdictOf = (result) => verdicts[result[0]];
  const crashSign = (result) => (result[1] ? "† " : "");

  // -- filters -------------------------------------------------------------------------------------

  const chosen = { verdicts: new Set(), flag: "", result: "", text: "" };
  const opened = new Set();
  const haystacks = [];
  function haystack(index) {
    if (haystacks[index] === undefined) {
      const vector = vectors[index];
      const parts = [
        vector.id,
        vector.comment,
        say(groups[vector.group]),
        ...vector.flags.map((flag) => flags[flag].name),
      ];
      for (const [, value] of vector.inputs) parts.push(say(value));
      for (let runner = 0; runner < runners.length; runner++) {
        const result = resultOf(runner, index);
        if (result) parts.push(say(result[3]), say(result[6]));
      }
      haystacks[index] = parts.join("\n").toLowerCase();
    }
    return haystacks[index];
  }

  function matches(index) {
    const vector = vectors[index];
    if (chosen.flag !== "" && !vector.flags.includes(Number(chosen.flag))) return false;
    if (chosen.result !== "" && vector.result !== chosen.result) return false;
    if (chosen.verdicts.size && !results.some((row) => row[index] && chosen.verdicts.has(row[index][0])))
      return false;
    return chosen.text.split(/\s+/).every((word) => haystack(index).includes(word));
  }

  const isFiltered = () =>
    chosen.verdicts.size > 0 || chosen.flag !== "" || chosen.result !== "" || chosen.text !== "";

  // -- the grid ------------------------------------------------------------------------------------

  let visible = [];
  const body = byId("rows") || el("tbody");
  const AUTO_OPEN = 60;

  function tallied(runner, indices) {
    const counts = verdicts.map(() => 0);
    for (const index of indices) {
      const result = resultOf(runner, index);
      if (result) counts[result[0]]++;
    }
    return counts;
  }

  function groupRow(group, indices) {
    const name = say(groups[group]);
    const isOpen = opened.has(group);
    const toggle = el(
      "button",
      { "aria-expanded": String(isOpen), onclick: () => fold(group) },
      isolated(name),
      ` (${indices.length})`,
    );
    const row = el(
      "tr",
      { class: "group", "data-group": group },
      el("th", { class: "name", scope: "rowgroup" }, toggle),
    );
    for (let runner = 0; runner < runners.length; runner++) {
      const cell = el("td");
      tallied(runner, indices).forEach((count, verdict) => {
        const known = verdicts[verdict];
        if (count)
          cell.append(
            el(
              "span",
              { class: known.name, title: `${count} ${known.name}: ${known.words}` },
              `${known.sign} ${count}`,
            ),
          );
      });
      row.append(cell);
    }
    return row;
  }

  function vectorRow(index) {
    const vector = vectors[index];
    const name = el(
      "button",
      { "data-vector": index, "data-runner": -1, tabindex: "-1" },
      el("span", { class: "id" }, vector.id),
      isolated(vector.comment),
    );
    const row = el("tr", {}, el("th", { class: "name", scope: "row" }, name));
    for (let runner = 0; runner < runners.length; runner++) row.append(el("td", {}, resultButton(runner, index)));
    return row;
  }

  function resultButton(runner, index) {
    const result = resultOf(runner, index);
    if (!result) return "";
    const verdict = verdictOf(result);
    const label = `${runners[runner].name}, vector ${vectors[index].id}: ${verdict.name}, ${say(result[2])}`;
    return el(
      "button",
      {
        class: `cell ${verdict.name}`,
        "data-vector": index,
        "data-runner": runner,
        tabindex: "-1",
        title: label,
        "aria-label": label,
      },
      sign(verdict),
      crashSign(result) + say(result[2]),
    );
  }

  function draw() {
    visible = [];
    const byGroup = new Map();
    for (let index = 0; index < vectors.length; index++) {
      if (!matches(index)) continue;
      const group = vectors[index].group;
      if (!byGroup.has(group)) byGroup.set(group, []);
      byGroup.get(group).push(index);
    }
    const rows = [];
    for (const [group, indices] of byGroup) {
      rows.push(groupRow(group, indices));
      visible.push(...indices);
      if (opened.has(group)) rows.push(...indices.map(vectorRow));
    }
    body.replaceChildren(...rows);
    byId("shown").textContent = `${visible.length} of ${vectors.length} vectors`;
    const first = body.querySelector("button[data-vector]");
    if (first) first.tabIndex = 0;
    mark();
  }

  function refilter() {
    const hits = vectors.map((_, index) => index).filter(matches);
    if (isFiltered() && hits.length <= AUTO_OPEN) for (const index of hits) opened.add(vectors[index].group);
    draw();
  }

  function fold(group) {
    if (!opened.delete(group)) opened.add(group);
    draw();
    const toggle = body.querySelector(`tr[data-group="${group}"] button`);
    if (toggle) toggle.focus();
  }

  // Arrow keys go from cell to cell; the tabulator comes to the grid once, and leaves it.
  body.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const row = event.target.closest("tr");
    if (!step || !row) return;
    const inRow = (line) => [...line.querySelectorAll("button")];
    const column = inRow(row).indexOf(event.target);
    const goal = step[0] < 0 ? row.previousElementSibling : step[0] > 0 ? row.nextElementSibling : row;
    if (!goal) return;
    const there = inRow(goal);
    const next = there[Math.max(0, Math.min(there.length - 1, column + step[1]))];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });
  body.addEventListener("focusin", (event) => {
    if (!event.target.dataset.vector) return;
    for (const old of body.querySelectorAll('button[data-vector][tabindex="0"]')) old.tabIndex = -1;
    event.target.tabIndex = 0;
  });
  body.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-vector]");
    if (button) showVector(Number(button.dataset.vector), Number(button.dataset.runner), button);
  });

  // -- the panel -----------------------------------------------------------------------------------

  let current = null;
  let opener = null;

  function mark() {
    for (const old of document.querySelectorAll('[aria-current="true"]')) old.removeAttribute("aria-current");
    if (!current) return null;
    const where =
      current.cell != null
        ? `[data-cell="${current.cell}"]`
        : `[data-vector="${current.vector}"][data-runner="${current.runner}"]`;
    const button = document.querySelector(`main button${where}`);
    if (button) button.setAttribute("aria-current", "true");
    return button;
  }

  function remember(text) {
    // A page that was opened from a file may not be allowed to.
    try {
      history.replaceState(null, "", text || location.pathname + location.search);
    } catch (error) {
      /* as well */
    }
  }

  function open(state, hash, from, ...children) {
    if (from && !panel.contains(from)) opener = from;
    current = state;
    panel.replaceChildren(...children);
    panel.hidden = false;
    panel.scrollTop = 0;
    document.body.classList.add("split");
    remember(hash);
    // Opening the panel makes the page narrower, so what was clicked has moved.
    const shown = mark();
    if (shown) shown.scrollIntoView({ block: "nearest", inline: "nearest" });
    panel.focus({ preventScroll: true });
  }

  function close() {
    const state = current;
    current = null;
    panel.hidden = true;
    document.body.classList.remove("split");
    remember("");
    mark();
    // What opened it may have been drawn anew since.
    const again =
      state && state.vector != null
        ? body.querySelector(`[data-vector="${state.vector}"][data-runner="${state.runner}"]`)
        : null;
    const target = again || (opener && opener.isConnected ? opener : null);
    if (target) target.focus();
  }

  function bar(...buttons) {
    return el("div", { class: "bar" }, ...buttons, el("button", { class: "close", onclick: close }, "Close (Esc)"));
  }
  const value = (text) => el("span", { class: "value", dir: "ltr" }, text);
  function facts(entries) {
    const list = el("dl");
    for (const [label, text] of entries) if (text) list.append(el("dt", {}, label), el("dd", {}, value(text)));
    return list;
  }
  function prose(entries) {
    const list = el("dl");
    for (const [label, text] of entries) if (text) list.append(el("dt", {}, label), el("dd", {}, isolated(text)));
    return list;
  }

  function badge(result) {
    const verdict = verdictOf(result);
    return el("span", { class: `badge ${verdict.name}` }, `${verdict.sign} ${verdict.name}`);
  }

  function showVector(index, runner, from) {
    const vector = vectors[index];
    const result = runner >= 0 ? resultOf(runner, index) : null;
    const place = visible.indexOf(index);
    const move = (step) => () => {
      const goal = visible[place + step];
      if (!opened.has(vectors[goal].group)) {
        opened.add(vectors[goal].group);
        draw();
      }
      showVector(goal, runner, null);
    };
    const hash = `#vector=${encodeURIComponent(vector.id)}` + (runner >= 0 ? `&runner=${runner}` : "");
    open(
      { vector: index, runner },
      hash,
      from,
      bar(
        el("button", { disabled: place <= 0, onclick: move(-1) }, "◂ previous"),
        el("button", { disabled: place < 0 || place + 1 >= visible.length, onclick: move(1) }, "next ▸"),
      ),
      el(
        "h2",
        { id: "panel-title" },
        el("span", { class: "id" }, vector.id),
        isolated(`${say(groups[vector.group])}: ${vector.comment}`),
      ),
      ...(result ? verdictPart(runner, result) : []),
      el("h3", {}, "The vector"),
      prose([
        ["operation", vector.operation],
        ["result", `${vector.result}: ${data.meanings[vector.result]}`],
      ]),
      facts([
        ...vector.inputs.flatMap(([label, text, hex]) => [
          [label, say(text)],
          ["in hex", say(hex)],
        ]),
        ["demanded", result && result[5] === vector.demanded ? "" : say(vector.demanded)],
      ]),
      ...risks(vector),
      ...everybody(index, runner),
      ...clients(vector),
      el(
        "p",
        { class: "soft" },
        "The same in a terminal: ",
        el("code", { class: "repeat" }, `httpsms-harness vectors explain ${vector.id}`),
      ),
    );
  }

  function verdictPart(runner, result) {
    const [, , , got, hex, expected, why] = result;
    return [
      el(
        "p",
        { class: "result" },
        badge(result),
        " ",
        isolated(runners[runner].name),
        el("span", { class: "soft" }, ` – ${verdictOf(result).words}`),
      ),
      facts([
        ["expected", say(expected)],
        ["got", say(got)],
        ["in hex", say(hex)],
        ["why", say(why)],
      ]),
    ];
  }

  function everybody(index, shown) {
    const rows = [];
    for (let runner = 0; runner < runners.length; runner++) {
      const result = resultOf(runner, index);
      if (!result) continue;
      const select = el(
        "button",
        { onclick: () => showVector(index, runner, null), "aria-pressed": String(runner === shown) },
        isolated(runners[runner].name),
      );
      rows.push(
        el(
          "tr",
          {},
          el("th", {}, select),
          el("td", {}, badge(result)),
          el("td", {}, value(crashSign(result) + say(result[2]))),
        ),
      );
    }
    return rows.length > 1 || shown < 0
      ? [el("h3", {}, "Every runner"), el("table", { class: "small" }, ...rows)]
      : [];
  }

  function clients(vector) {
    if (!vector.clients.length) return [];
    const rows = vector.clients.map(([names, text]) => [names, say(text)]);
    return [el("h3", {}, "What the real clients do"), facts(rows)];
  }

  function risks(vector) {
    if (!vector.flags.length) return [];
    return [
      el("h3", {}, "What is at stake"),
      ...vector.flags.map((number) => {
        const flag = flags[number];
        return el(
          "div",
          { class: flag.risk ? "flag" : "flag none" },
          el("h3", {}, flag.name, el("span", { class: "soft" }, flag.kind ? ` ${flag.kind}` : "")),
          prose([
            ["what", flag.what],
            ["risk", flag.risk],
            ["remedy", flag.remedy],
          ]),
        );
      }),
    ];
  }

  function showCell(index, from) {
    const cell = cells[index];
    const lost = cell.tried - cell.right;
    const told = cell.failures.map((failure) =>
      el("div", { class: "lost" }, facts(failure.map(([label, text]) => [label, say(text)]))),
    );
    open(
      { cell: index },
      `#pair=${index}`,
      from,
      bar(),
      el("h2", { id: "panel-title" }, isolated(cell.encryptor), " → ", isolated(cell.decryptor)),
      el("p", {}, lost ? `${lost} of ${cell.tried} texts did not come back.` : `All ${cell.tried} texts came back.`),
      lost > told.length ? el("p", { class: "soft" }, `${told.length} of them are shown here.`) : "",
      ...told,
    );
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) close();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-cell]");
    if (button) showCell(Number(button.dataset.cell), button);
  });

  // -- the controls --------------------------------------------------------------------------------

  function control(id, event, change) {
    const input = byId(id);
    if (input)
      input.addEventListener(event, () => {
        change(input.value);
        refilter();
      });
  }
  let waiting = 0;
  control("flag", "change", (text) => {
    chosen.flag = text;
  });
  control("result", "change", (text) => {
    chosen.result = text;
  });
  if (byId("text"))
    byId("text").addEventListener("input", (event) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        chosen.text = event.target.value.trim().toLowerCase();
        refilter();
      }, 120);
    });
  for (const chip of document.querySelectorAll(".chip")) {
    chip.addEventListener("click", () => {
      const verdict = Number(chip.dataset.verdict);
      if (!chosen.verdicts.delete(verdict)) chosen.verdicts.add(verdict);
      chip.setAttribute("aria-pressed", String(chosen.verdicts.has(verdict)));
      refilter();
    });
  }
  if (byId("unfold"))
    byId("unfold").addEventListener("click", () => {
      const all = new Set(visible.map((index) => vectors[index].group));
      const areOpen = [...all].every((group) => opened.has(group));
      for (const group of all)
        if (areOpen) opened.delete(group);
        else opened.add(group);
      draw();
    });

  function fromAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const index = asked.has("vector") ? vectors.findIndex((vector) => vector.id === asked.get("vector")) : -1;
    if (index >= 0) {
      opened.add(vectors[index].group);
      draw();
      const runner = asked.has("runner") ? Number(asked.get("runner")) : -1;
      showVector(index, runner in runners ? runner : -1, null);
    } else if (asked.has("pair") && cells[asked.get("pair")]) showCell(Number(asked.get("pair")), null);
  }

  if (vectors.length) {
    byId("grid").style.minWidth = `${9.5 + 7.5 * runners.length}rem`;
    // What failed is what a reader looks for: its groups are open, if they are not too many to find anything.
    const failing = new Set(
      vectors
        .filter((_, index) => results.some((row) => row[index] && verdicts[row[index][0]].fails))
        .map((vector) => vector.group),
    );
    if (failing.size <= 4) for (const group of failing) opened.add(group);
    draw();
  }
  fromAddress();
  addEventListener("hashchange", fromAddress);
})();
"""
