"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const main = byId("story");
  const panel = byId("panel");
  const items = [...document.querySelectorAll("#list a")];
  const SIGNS = { passed: "✓", failed: "✗", known: "≈", skipped: "–" };
  const SVG = "http://www.w3.org/2000/svg";

  function el(name, attributes, ...children) {
    return filled(document.createElement(name), attributes, children);
  }
  function svg(name, attributes, ...children) {
    return filled(document.createElementNS(SVG, name), attributes, children);
  }
  function filled(made, attributes, children) {
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== false && value != null) made.setAttribute(key, value);
    }
    // Strings become text nodes: nothing of a report is ever read as HTML.
    made.append(...children.filter((child) => child != null && child !== ""));
    return made;
  }
  const sign = (status) => el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[status]);
  const tone = (subject) => (subject < 0 ? "mx" : `m${subject % 6}`);

  // -- times ---------------------------------------------------------------------------------------

  const two = (number) => String(number).padStart(2, "0");
  /** When something was, since the story began. */
  function since(ms) {
    const rest = Math.abs(ms) / 1000;
    const lead = ms < 0 ? "−" : "+";
    if (rest < 60) return `${lead}${rest.toFixed(3)} s`;
    const all = Math.floor(rest);
    const days = Math.floor(all / 86400);
    const hours = Math.floor(all / 3600) % 24;
    const minutes = Math.floor(all / 60) % 60;
    const clock = `${two(minutes)}:${(rest % 60).toFixed(rest < 3600 ? 2 : 0).padStart(rest < 3600 ? 5 : 2, "0")}`;
    if (rest < 3600) return `${lead}${clock}`;
    return `${lead}${days ? `${days} d ` : ""}${hours}:${clock}`;
  }
  /** How long something took, in its two largest units. */
  function long(ms) {
    if (ms < 1000) return `${Math.round(ms)} ms`;
    if (ms < 60000) return `${Number((ms / 1000).toFixed(1))} s`;
    const units = [["day", 86400000], ["h", 3600000], ["min", 60000], ["s", 1000]];
    const first = units.findIndex(([, size]) => ms >= size);
    let rest = Math.round(ms / 1000) * 1000;
    const parts = [];
    for (const [name, size] of units.slice(first, first + 2)) {
      const count = Math.floor(rest / size);
      rest -= count * size;
      if (count) parts.push(`${count} ${name}${name === "day" && count > 1 ? "s" : ""}`);
    }
    return parts.join(" ");
  }

  // -- which story is shown ------------------------------------------------------------------------

  let story = null;
  let shown = -1;
  let focus = -1; // a message, by its number
  let picked = -1; // an entry
  let alone = false;
  let unfolded = new Set(); // runs of entries that are shown though nobody may want them, by their first
  let opener = null;

  function open(index) {
    if (index === shown) return;
    shown = index;
    story = JSON.parse(byId(`data-${index}`).textContent);
    focus = picked = -1;
    alone = false;
    unfolded = new Set();
    for (const item of items) {
      if (Number(item.dataset.index) === index) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
    closePanel();
    main.replaceChildren(...storyParts());
    document.title = `${SIGNS[story.status]} ${story.title}`;
    chart.start();
  }

  function remember() {
    const parts = [`story=${shown}`];
    if (focus >= 0) parts.push(`message=${focus}`);
    if (picked >= 0) parts.push(`entry=${picked}`);
    try {
      history.replaceState(null, "", `#${parts.join("&")}`);
    } catch {
      // A page that was opened from a file may not be allowed to.
    }
  }

  function fromAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const number = (name) => (asked.has(name) ? Number(asked.get(name)) : -1);
    const index = number("story");
    const first = items.findIndex((item) => item.classList.contains("failed"));
    open(items[index] ? index : Math.max(0, first));
    const message = number("message");
    const entry = number("entry");
    if (story.messages[message]) follow(message);
    if (story.entries[entry]) pick(entry, true);
  }

  // -- the list of stories -------------------------------------------------------------------------

  let wanted = "";
  function filter() {
    const words = (byId("search").value || "").toLowerCase().split(/\s+/);
    let left = 0;
    for (const item of items) {
      const text = `${item.textContent} ${item.dataset.find}`.toLowerCase();
      const fits = (!wanted || item.classList.contains(wanted)) && words.every((word) => text.includes(word));
      item.parentElement.hidden = !fits;
      left += fits;
    }
    byId("none").hidden = left > 0;
  }
  const standing = () => items.filter((item) => !item.parentElement.hidden);

  function listen() {
    byId("search").addEventListener("input", filter);
    for (const button of document.querySelectorAll("#filters button")) {
      button.addEventListener("click", () => {
        wanted = button.dataset.status;
        for (const other of document.querySelectorAll("#filters button"))
          other.setAttribute("aria-pressed", String(other === button));
        filter();
      });
    }
    byId("list").addEventListener("click", (event) => {
      const item = event.target.closest("a");
      if (!item) return;
      event.preventDefault();
      open(Number(item.dataset.index));
      remember();
      if (matchMedia("(max-width: 900px)").matches) main.scrollIntoView();
      else scrollTo(0, 0);
    });
    byId("list").addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const there = standing();
      const goal = there[there.indexOf(event.target) + step];
      if (goal) {
        event.preventDefault();
        goal.focus();
      }
    });
  }

  // -- the head of a story -------------------------------------------------------------------------

  function storyParts() {
    return [
      el("div", { class: `head ${story.status}` }, el("h2", {}, story.title),
        el("span", { class: "badge" }, `${SIGNS[story.status]} ${story.words}`)),
      el("p", { class: "meta" }, ...story.meta.map((text) => el("span", {}, text)),
        story.took ? el("span", {}, story.took) : "",
        ...story.tags.map((tag) => el("span", { class: "tag" }, tag))),
      story.failure ? failureCard() : "",
      story.skipped ? skipCard() : "",
      story.repeat ? repeat() : "",
      ...(story.entries.length ? [...messageParts(), ...stepParts(), lanes()] : []),
    ];
  }

  function labelled(label, ...content) {
    return [el("p", { class: "label" }, label), ...content];
  }

  function failureCard() {
    const { failure } = story;
    const card = el("section", { class: `verdict ${story.status}`, "aria-label": "what went wrong" });
    if (failure.broken.length)
      card.append(...labelled("broken", el("p", { class: "what" }, failure.broken.join(", "))));
    else if (failure.missing)
      card.append(...labelled("missing",
        el("p", { class: "what", id: "missing" }, failure.missing.words, " ",
          el("code", {}, `${failure.missing.hop}: ${failure.missing.kind}`))));
    if (story.expected) card.append(...labelled("a known defect", el("p", {}, story.expected)));
    const where = failure.place ? [" ", el("span", { class: "place" }, failure.place)] : [];
    const step = el("p", { class: failure.missing || failure.broken.length ? "step" : "what step" },
      el("code", {}, failure.title), ...where);
    card.append(...labelled("expectation", step));
    if (failure.why.length)
      card.append(...labelled("why", el("ul", { class: "why" }, ...failure.why.map((line) => el("li", {}, line)))));
    if (failure.subject >= 0) card.append(life(failure.subject));
    return card;
  }

  function skipCard() {
    const card = el("section", { class: "verdict skipped" },
      ...labelled("not run", el("p", { class: "what" }, story.skipped.reason)));
    if (story.skipped.remedy) card.append(...labelled("to run it", el("p", {}, story.skipped.remedy)));
    return card;
  }

  function repeat() {
    const code = el("code", {}, story.repeat);
    const copy = el("button", { class: "tool", type: "button", onclick: () => copied(code, copy) }, "Copy");
    return el("p", { class: "repeat" }, el("span", { class: "soft" }, "Repeat with"), code, copy);
  }

  function copied(code, button) {
    const select = () => getSelection().selectAllChildren(code);
    const done = () => (button.textContent = "Copied");
    if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, select);
    else select();
  }

  /** The stages of a message's life, each of which leads to its entry. */
  function life(message) {
    const { stages } = story.messages[message];
    const first = stages.findIndex((stage) => stage.entry < 0);
    const made = stages.map((stage, index) => {
      if (stage.entry >= 0) {
        const go = () => pick(stage.entry, true);
        return el("li", {}, el("button", { class: "done", type: "button", onclick: go }, `✓ ${stage.words}`));
      }
      const kind = index === first ? "stage gap" : "stage";
      return el("li", {}, el("span", { class: kind }, index === first ? `✗ ${stage.words}` : stage.words));
    });
    return el("ol", { class: "life", "aria-label": "the message's life" }, ...made);
  }

  function stepParts() {
    if (!story.steps.length) return [];
    const rows = story.steps.map((step, index) =>
      el("tr", { class: step.passed ? "passed" : "failed" },
        el("td", {}, sign(step.passed ? "passed" : "failed")),
        el("td", { class: "time" }, since(step.began)),
        el("td", { class: "time" }, step.took ? long(step.took) : ""),
        el("td", {}, el("button", { type: "button", onclick: () => chart.toStep(index) },
          step.branch ? `[${step.branch}] ` : "", el("code", {}, step.title)))));
    const others = story.steps.length - story.own_steps;
    const count = others ? `${story.own_steps}, and ${others} of the set-up` : story.own_steps;
    return [el("details", { class: "steps" }, el("summary", {}, `Steps (${count})`), el("table", {}, el("tbody", {}, ...rows)))];
  }

  // -- messages ------------------------------------------------------------------------------------

  function messageParts() {
    if (!story.messages.length) return [];
    const chips = story.messages.map((message, index) => {
      const pressed = { "aria-pressed": "false", tabindex: index ? "-1" : "0", "data-message": index };
      return el("button", { class: `chip ${tone(index)}`, type: "button", title: message.text, ...pressed },
        el("b", {}, message.name), el("span", { class: "words" }, message.words),
        story.failure?.missing && index === story.failure.subject ? el("span", { class: "alarm" }, "✗") : "");
    });
    const group = el("div", { class: "chips", role: "group", "aria-label": "messages",
      onclick: chipClicked, onkeydown: chipKey }, ...chips);
    const only = el("button", { class: "tool", type: "button", id: "alone", hidden: true, "aria-pressed": "false",
      onclick: toggleAlone }, "Hide everything else");
    const all = el("button", { class: "tool", type: "button", id: "everything", hidden: true,
      onclick: () => follow(-1) }, "Show all (Esc)");
    return [
      el("h3", {}, "Messages"), group, el("div", { id: "followed", "aria-live": "polite" }),
      el("div", { class: "bar help" }, el("span", {},
        "Choose a message to follow it, an entry to see what was asked and answered. ",
        "↑ ↓ go from entry to entry, ← to its cause, → to what it led to."), only, all),
    ];
  }
  const chips = () => [...main.querySelectorAll(".chip")];

  function chipClicked(event) {
    const chip = event.target.closest(".chip");
    if (!chip) return;
    const message = Number(chip.dataset.message);
    follow(message === focus ? -1 : message);
  }
  function chipKey(event) {
    const there = chips();
    const at = there.indexOf(event.target);
    const goals = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0,
      End: there.length - 1 };
    const goal = there[goals[event.key]];
    if (!goal) return;
    event.preventDefault();
    for (const chip of there) chip.tabIndex = chip === goal ? 0 : -1;
    goal.focus();
  }

  /** Everything but that message fades; -1: nothing does. */
  function follow(message) {
    focus = message;
    if (message < 0) alone = false;
    for (const chip of chips()) {
      const pressed = Number(chip.dataset.message) === message;
      chip.setAttribute("aria-pressed", String(pressed));
    }
    byId("alone").hidden = byId("everything").hidden = message < 0;
    byId("alone").setAttribute("aria-pressed", String(alone));
    const told = message >= 0 && story.messages[message].stages.length > 0;
    const known = story.failure && story.failure.subject === message;
    byId("followed").replaceChildren(...(told && !known ? [life(message)] : []));
    chart.lay();
    remember();
  }
  function toggleAlone() {
    alone = !alone;
    byId("alone").setAttribute("aria-pressed", String(alone));
    chart.lay();
  }

  // -- lanes ---------------------------------------------------------------------------------------

  const GUTTER = 96;
  const LANES_MIN = 700; // below, the lanes are a list
  const GAP_MS = 1000; // a longer time without anything is told in words
  const FOLD_MIN = 8; // so many entries about no message, one after the other, are folded
  const HEIGHTS = { entry: 27, step: 34, gap: 34, ghost: 34, end: 34, fold: 32 };
  const LIST_HEIGHTS = { ...HEIGHTS, entry: 46, ghost: 46 };
  const MARGIN = 900; // so many pixels above and below the window are drawn too …
  const WHOLE_MAX = 800; // … and so many rows always, so that a picture of the page has all of them

  function lanes() {
    const heads = el("div", { class: "heads", "aria-hidden": "true" },
      ...story.lanes.map((lane) => el("span", { class: lane.seen ? "" : "unseen",
        title: lane.seen ? "" : "this target does not see what happens here" }, lane.name)));
    const plane = el("div", { class: "chart", role: "group", "aria-label": "what happened, in its order",
      onkeydown: rowKey, onclick: rowClicked });
    return el("section", { class: "lanes", id: "lanes" }, heads, plane);
  }

  const chart = (() => {
    let rows = []; // { kind, index, top, height, y }
    let byEntry = new Map();
    let made = new Map(); // rows that are in the page, by their place
    let current = 0; // the row that the tabulator comes to
    let width = 0;
    let list = false;
    let printing = false;
    let plane = null;
    let drawing = null;
    let effects = [];

    function start() {
      plane = main.querySelector(".chart");
      if (!plane) return;
      drawing = null;
      effects = story.entries.map(() => []);
      story.entries.forEach((entry, index) => {
        if (entry.cause >= 0) effects[entry.cause].push(index);
      });
      current = 0;
      lay();
    }

    /** The rows in their order: entries, and between them steps, and times in which nothing happened. */
    function order() {
      const found = [];
      const { entries, steps } = story;
      const folds = new Map(runs().map((run) => [run.from, run]));
      const ghost = story.failure ? story.failure.ghost : null;
      const end = gaveUp();
      let step = 0;
      let last = null;
      let hidden = 0;
      for (let index = 0; index <= entries.length; index++) {
        while (step < steps.length && steps[step].before <= index) {
          if (!steps[step].setup) found.push({ kind: "step", index: step });
          step++;
        }
        if (ghost && ghost.before === index) found.push({ kind: "ghost", index });
        if (end === index) found.push({ kind: "end", index });
        if (index === entries.length) break;
        const entry = entries[index];
        const gone = entry.hidden || (alone && entry.message !== focus);
        if (!gone && index >= hidden && last !== null && entry.at - last >= GAP_MS)
          found.push({ kind: "gap", ms: entry.at - last, index });
        const fold = folds.get(index);
        if (fold && !alone) {
          found.push({ kind: "fold", ...fold });
          if (!unfolded.has(index)) hidden = fold.to;
        }
        if (gone) continue;
        last = entry.at;
        if (index >= hidden) found.push({ kind: "entry", index });
      }
      return found;
    }

    /** Before which entry the story failed, if others follow; else -1. */
    function gaveUp() {
      const at = story.failure ? story.failure.gave_up : -1;
      return at >= 0 && story.entries.slice(at).some((entry) => !entry.hidden) ? at : -1;
    }

    /** What is folded: the set-up, and long runs of entries about no message, such as a day's heartbeats. */
    function runs() {
      const { entries, steps, setup } = story;
      const begins = new Set(steps.map((step) => step.before));
      const found = setup ? [{ from: 0, to: setup, words: "set-up" }] : [];
      let from = setup;
      for (let index = setup; index <= entries.length; index++) {
        const entry = entries[index];
        const goes = entry && entry.message < 0 && !entry.bad && !entry.hidden && !begins.has(index);
        if (goes) continue;
        if (index - from >= FOLD_MIN) found.push({ from, to: index, words: "about no message" });
        from = entry && begins.has(index) && entry.message < 0 && !entry.bad && !entry.hidden ? index : index + 1;
      }
      return found;
    }
    const foldOf = (index) => runs().find((run) => run.from <= index && index < run.to);

    function lay() {
      if (!plane) return;
      width = printing ? 1040 : plane.clientWidth;
      list = width < LANES_MIN;
      byId("lanes").classList.toggle("list", list);
      const heights = list ? LIST_HEIGHTS : HEIGHTS;
      rows = order();
      byEntry = new Map();
      let top = 6;
      for (const row of rows) {
        row.top = top;
        row.height = heights[row.kind];
        row.y = top + row.height / 2;
        top += row.height;
        if (row.kind === "entry") byEntry.set(row.index, row);
      }
      plane.style.height = `${top + 10}px`;
      const focused = document.activeElement && plane.contains(document.activeElement);
      current = Math.min(current, Math.max(0, rows.length - 1));
      plane.replaceChildren();
      made = new Map();
      drawing = null;
      if (!list) frame(top + 10);
      draw();
      if (focused) made.get(current)?.focus({ preventScroll: true });
    }

    const laneX = (lane) => GUTTER + ((width - GUTTER - 12) / story.lanes.length) * (lane + 0.5);

    function frame(height) {
      const spans = main.querySelectorAll(".heads span");
      story.lanes.forEach((_, lane) => {
        spans[lane].style.left = `${laneX(lane)}px`;
      });
      drawing = svg("g");
      const lines = story.lanes.map((lane, number) => svg("line", { class: lane.seen ? "lane" : "lane unseen",
        x1: laneX(number), x2: laneX(number), y1: 0, y2: height }));
      plane.append(svg("svg", { "aria-hidden": "true" }, ...lines, drawing));
    }

    /** Puts into the page what can be seen of it, and takes out the rest. */
    function draw() {
      if (!plane || !plane.isConnected) return;
      const box = plane.getBoundingClientRect();
      const whole = printing || rows.length <= WHOLE_MAX;
      const from = whole ? -1 : -box.top - MARGIN;
      const to = whole ? Infinity : innerHeight - box.top + MARGIN;
      const first = rows.findIndex((row) => row.top + row.height >= from);
      const wanted = new Set();
      for (let place = Math.max(0, first); place < rows.length && first >= 0 && rows[place].top <= to; place++)
        wanted.add(place);
      for (const [place, element] of made) {
        if (wanted.has(place) || element === document.activeElement) continue;
        element.remove();
        made.delete(place);
      }
      // In their order, for those who hear the page.
      for (const place of wanted) {
        if (made.has(place)) continue;
        const element = rowOf(rows[place], place);
        const next = [...made.keys()].filter((other) => other > place).sort((a, b) => a - b)[0];
        plane.insertBefore(element, next === undefined ? null : made.get(next));
        made.set(place, element);
      }
      if (drawing) arrows(from, to);
    }

    // -- rows

    function rowOf(row, place) {
      const element = MAKERS[row.kind](row, place);
      element.style.top = `${row.top}px`;
      element.style.height = `${row.height}px`;
      return element;
    }
    const MAKERS = { entry: entryRow, step: stepRow, gap: gapRow, ghost: ghostRow, end: endRow, fold: foldRow };

    function entryRow(row, place) {
      const entry = story.entries[row.index];
      const before = rows[place - 1];
      const same = before && before.kind === "entry" && since(story.entries[before.index].at) === since(entry.at);
      const classes = ["row", tone(entry.message), entry.bad ? "bad" : "", isDim(entry) ? "dim" : ""];
      const text = el("span", { class: "text" }, el("b", {}, entry.kind), entry.gist ? el("i", {}, entry.gist) : "");
      if (!list) besides(text, entry.lane);
      return el("button", { class: classes.join(" "), type: "button", "data-entry": row.index, "data-place": place,
        tabindex: place === current ? "0" : "-1", "aria-current": row.index === picked ? "true" : null,
        "aria-label": spoken(entry) },
        el("span", { class: "at" }, same ? "" : since(entry.at)), el("span", { class: "hop" }, entry.hop), text);
    }

    /** Left of the last lanes, right of the others: there is always room then. */
    function besides(text, lane) {
      const x = laneX(lane);
      if (lane < story.lanes.length - (width < 1200 ? 3 : 2)) {
        text.style.left = `${x + 11}px`;
        text.style.maxWidth = `${width - x - 20}px`;
      } else {
        text.style.right = `${width - x + 11}px`;
        text.style.maxWidth = `${x - GUTTER - 20}px`;
      }
    }

    function spoken(entry) {
      const message = entry.message < 0 ? "" : `, message ${story.messages[entry.message].name}`;
      const cause = entry.cause < 0 ? "" : `, after ${named(entry.cause)}`;
      return `${since(entry.at)}, ${entry.hop}: ${entry.kind} ${entry.gist}${message}${cause}`;
    }

    function stepRow(row) {
      const step = story.steps[row.index];
      const status = step.passed ? "passed" : "failed";
      return el("div", { class: `row step ${status}` }, sign(status),
        step.branch ? el("span", { class: "number" }, `[${step.branch}]`) : "",
        el("code", { title: step.title }, step.title));
    }
    function gapRow(row) {
      return el("div", { class: "row gap-row" }, el("span", {}, `${long(row.ms)} later`));
    }

    function endRow() {
      return el("div", { class: "row end-row", id: "end" }, el("span", {}, "✗ the story failed here; what follows came later"));
    }

    function ghostRow() {
      const { ghost, missing } = story.failure;
      const text = el("span", { class: "text" }, `missing: ${missing.words}`);
      if (!list) besides(text, ghost.lane);
      return el("div", { class: "row ghost-row", id: "ghost" }, el("span", { class: "hop" }, missing.hop), text);
    }

    function foldRow(row, place) {
      const { from, to } = row;
      const isOpen = unfolded.has(from);
      const took = story.entries[to - 1].at - story.entries[from].at;
      const words = `${to - from} entries${took >= GAP_MS ? ` in ${long(took)}` : ""}`;
      const toggle = () => {
        if (!unfolded.delete(from)) unfolded.add(from);
        lay();
      };
      return el("button", { class: "row fold", type: "button", "data-place": place, "aria-expanded": String(isOpen),
        tabindex: place === current ? "0" : "-1", onclick: toggle }, `${isOpen ? "▾" : "▸"} ${row.words}: ${words}`);
    }

    // -- arrows

    function arrows(from, to) {
      const hot = chain(picked);
      const made = [];
      const beyond = new Map(); // what leads out of the window: one line for all that run beside each other
      for (const row of rows) {
        if (row.kind === "ghost") made.push(ghostArrow(row));
        if (row.kind !== "entry" || row.top + row.height < from) continue;
        const entry = story.entries[row.index];
        const cause = entry.cause >= 0 ? byEntry.get(entry.cause) : null;
        if (row.top <= to) {
          made.push(arrow(row, entry, cause, hot));
        } else if (cause && cause.top <= to) {
          const lane = story.entries[cause.index].lane;
          const key = `${lane} ${looks(entry)}`;
          const known = beyond.get(key);
          if (!known || known.y > cause.y) beyond.set(key, { lane, y: cause.y, classes: looks(entry) });
        }
      }
      for (const { lane, y, classes } of beyond.values())
        made.push(svg("g", { class: classes }, svg("path", { class: "path", d: `M${laneX(lane)} ${y}V${to}` })));
      drawing.replaceChildren(...made);
    }
    const looks = (entry) => `${tone(entry.message)}${isDim(entry) ? " dim" : ""}`;

    function arrow(row, entry, cause, hot) {
      const x = laneX(entry.lane);
      const parts = cause ? way(laneX(story.entries[cause.index].lane), cause.y, x, row.y) : [];
      const at = entry.bad
        ? svg("path", { class: "cross", d: `M${x - 4} ${row.y - 4}l8 8m0 -8l-8 8` })
        : svg("circle", { class: "dot", cx: x, cy: row.y, r: 4 });
      return svg("g", { class: `${looks(entry)}${hot.has(row.index) ? " hot" : ""}` }, ...parts, at);
    }

    /** Down the lane of the cause, round the corner, and across to the lane of the entry. */
    function way(x0, y0, x, y) {
      if (x0 === x) return [svg("path", { class: "path", d: `M${x0} ${y0}V${y}` })];
      const right = x > x0 ? 1 : -1;
      const bend = Math.min(9, y - y0);
      const d = `M${x0} ${y0}V${y - bend}q0 ${bend} ${9 * right} ${bend}H${x - 8 * right}`;
      const head = `M${x - 4 * right} ${y}l${-7 * right} -4v8z`;
      return [svg("path", { class: "path", d }), svg("path", { class: "head", d: head })];
    }

    function ghostArrow(row) {
      const { ghost } = story.failure;
      const x = laneX(ghost.lane);
      const after = byEntry.get(ghost.after);
      const parts = after ? way(laneX(story.entries[ghost.after].lane), after.y, x, row.y).slice(0, 1) : [];
      return svg("g", { class: "ghost" }, ...parts, svg("circle", { cx: x, cy: row.y, r: 6 }));
    }

    // -- going about

    function isDim(entry) {
      return focus >= 0 && entry.message !== focus;
    }
    const placeOf = (index) => rows.findIndex((row) => row.kind === "entry" && row.index === index);

    function show(place, to) {
      const row = rows[place];
      if (!row) return;
      current = place;
      const box = plane.getBoundingClientRect();
      const top = box.top + row.top;
      if (to === "focus" ? top < 60 || top + row.height > innerHeight - 20 : true)
        scrollTo(0, scrollY + top - innerHeight / 3);
      draw();
      for (const element of plane.querySelectorAll('[tabindex="0"]')) element.tabIndex = -1;
      const element = made.get(place);
      if (element && element.matches("button")) {
        element.tabIndex = 0;
        if (to === "focus") element.focus({ preventScroll: true });
      }
    }

    /** The next row that can be chosen, in this direction. */
    function next(place, step) {
      for (let at = place + step; rows[at]; at += step)
        if (rows[at].kind === "entry" || rows[at].kind === "fold") return at;
      return place;
    }

    function toEntry(index) {
      const fold = foldOf(index);
      if (fold && !unfolded.has(fold.from)) {
        unfolded.add(fold.from);
        lay();
      }
      show(placeOf(index), "focus");
    }
    const toStep = (index) => {
      const place = rows.findIndex((row) => row.kind === "step" && row.index === index);
      show(place, "scroll");
    };

    let waiting = 0;
    const soon = () => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(draw);
    };
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon);
    new ResizeObserver(() => {
      if (plane && plane.isConnected && plane.clientWidth !== width && !printing) lay();
    }).observe(main);
    for (const [event, on] of [["beforeprint", true], ["afterprint", false]])
      addEventListener(event, () => {
        printing = on;
        if (plane) plane.style.width = on ? "1040px" : "";
        lay();
      });

    return { start, lay, draw, next, show, toEntry, toStep, effects: (index) => effects[index] || [],
      last: () => rows.length };
  })();

  /** The entry, its cause, the cause of that and so on. */
  function chain(index) {
    const found = new Set();
    for (let at = index; at >= 0 && !found.has(at); at = story.entries[at].cause) found.add(at);
    return found;
  }
  function named(index) {
    const entry = story.entries[index];
    return `${entry.hop}: ${entry.kind}`;
  }

  function rowClicked(event) {
    const row = event.target.closest("[data-entry]");
    if (row) pick(Number(row.dataset.entry));
  }
  function rowKey(event) {
    const row = event.target.closest("[data-place]");
    if (!row) return;
    const place = Number(row.dataset.place);
    const goals = {
      ArrowDown: () => chart.next(place, 1),
      ArrowUp: () => chart.next(place, -1),
      Home: () => chart.next(-1, 1),
      End: () => chart.next(chart.last(), -1),
    };
    if (goals[event.key]) {
      event.preventDefault();
      chart.show(goals[event.key](), "focus");
      return;
    }
    const index = Number(row.dataset.entry);
    const goal = { ArrowLeft: story.entries[index]?.cause, ArrowRight: chart.effects(index)[0] }[event.key];
    if (goal === undefined || goal < 0) return;
    event.preventDefault();
    chart.toEntry(goal);
  }

  // -- one entry -----------------------------------------------------------------------------------

  function pick(index, scroll) {
    if (!panel.contains(document.activeElement)) opener = document.activeElement;
    picked = index;
    if (scroll) chart.toEntry(index);
    marked();
    panel.replaceChildren(...entryParts(index));
    panel.hidden = false;
    panel.scrollTop = 0;
    panel.focus({ preventScroll: true });
    remember();
  }
  function marked() {
    for (const row of main.querySelectorAll(".row[data-entry]")) {
      if (Number(row.dataset.entry) === picked) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    chart.draw();
  }
  function closePanel() {
    if (panel.hidden) return;
    const index = picked;
    panel.hidden = true;
    picked = -1;
    marked();
    remember();
    const row = main.querySelector(`.row[data-entry="${index}"]`);
    const target = row || (opener && opener.isConnected ? opener : null);
    if (target) target.focus({ preventScroll: true });
  }

  const LONG = ["query", "request", "answer"];
  const OURS = ["order_moved_ns", "rules", "step", "thread"]; // what the harness counts, and nobody else
  const isTime = (name, value) => name.endsWith("_ns") && typeof value === "number";

  function entryParts(index) {
    const entry = story.entries[index];
    const facts = Object.entries(entry.facts)
      .filter(([name, value]) => !LONG.includes(name) && !OURS.includes(name) && value !== null)
      .map(([name, value]) => isTime(name, value) ? [name.slice(0, -3), long(value / 1e6)] : [name, value]);
    const go = (goal) => el("button", { type: "button", onclick: () => pick(goal, true) },
      `${since(story.entries[goal].at)}  ${named(goal)} ${story.entries[goal].gist}`);
    const effects = chart.effects(index);
    const message = entry.message < 0 ? null : story.messages[entry.message];
    return [
      el("div", { class: "bar" },
        message ? el("button", { class: `chip ${tone(entry.message)}`, type: "button",
          onclick: () => follow(entry.message) }, el("b", {}, message.name)) : "",
        el("button", { class: "tool close", type: "button", onclick: closePanel }, "Close (Esc)")),
      el("h2", { id: "panel-title" }, entry.kind),
      el("p", { class: "soft" }, `${entry.hop} · ${since(entry.at)} · entry ${entry.number}`),
      facts.length ? el("dl", {}, ...facts.flatMap(([name, value]) =>
        [el("dt", {}, name), el("dd", { dir: "auto" }, String(value))])) : "",
      ...exchange(entry),
      ...(entry.cause >= 0 ? [el("h3", {}, "Because of"), el("div", { class: "links" }, go(entry.cause))] : []),
      ...(effects.length ? [el("h3", {}, "Led to"), el("div", { class: "links" }, ...effects.map(go))] : []),
    ];
  }

  /** What was asked and answered. Of a webhook the gateway tells it, which called. */
  function exchange(entry) {
    const caller = entry.hop === "webhook" && entry.cause >= 0 ? story.entries[entry.cause].facts : {};
    return LONG.flatMap((name) => {
      const text = entry.facts[name] || caller[name];
      return text ? [el("h3", {}, name[0].toUpperCase() + name.slice(1)), el("pre", {}, pretty(text))] : [];
    });
  }
  function pretty(text) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text; // it is no JSON, or was cut
    }
  }

  // -- the page ------------------------------------------------------------------------------------

  function theme() {
    const root = document.documentElement;
    const store = (value) => {
      try {
        if (value) localStorage.setItem("httpsms-harness-theme", value);
        return localStorage.getItem("httpsms-harness-theme");
      } catch {
        return null; // a page that was opened from a file may have no memory
      }
    };
    const dark = () => getComputedStyle(root).colorScheme === "dark";
    const told = () => byId("theme").setAttribute("aria-label", dark() ? "use light colours" : "use dark colours");
    const known = store();
    if (known === "dark" || known === "light") root.dataset.theme = known;
    byId("theme").hidden = false;
    byId("theme").addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      store(root.dataset.theme);
      told();
    });
    told();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.matches("input")) {
      event.preventDefault();
      byId("search").focus();
    }
    if (event.key !== "Escape") return;
    if (!panel.hidden) closePanel();
    else if (focus >= 0) follow(-1);
    else if (event.target.id === "search") {
      event.target.value = "";
      filter();
    }
  });

  theme();
  if (items.length) {
    listen();
    fromAddress();
    addEventListener("hashchange", fromAddress);
  }
})();
