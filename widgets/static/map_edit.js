// The journey map to work with: numbers open their customers, cards and notes are moved by mouse, touch and keyboard, notes are
// written where they stand. A change shows at once and is told to Python, which keeps it and answers; until its answer is here the
// page says so if the connection is gone. What is being written is never drawn over.
const NAME = "cxw-name";
const LATE = 2000; // ms without an answer after which that is said
const EDIT_ICON = "M3 13l.8-3.2L11 2.6l2.4 2.4-7.2 7.2zM9.5 4.1l2.4 2.4";
const GRIP_ICON = "M6 3.5v.01M10 3.5v.01M6 8v.01M10 8v.01M6 12.5v.01M10 12.5v.01";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const byKind = (canvas, kind) => canvas.lanes.filter((one) => one.kind === kind);
const cellAt = (canvas, lane, stage) => ((canvas.cells[lane] ??= {})[stage] ??= {});

// Where a card or a note stands: {stage, index, list, one}, of a note also its lane; null where it is no more.
function find(canvas, kind, field, key) {
  for (const lane of byKind(canvas, kind))
    for (const { key: stage } of canvas.stages) {
      const list = canvas.cells[lane.key]?.[stage]?.[field] ?? [];
      const index = list.findIndex((one) => (one.key ?? one.id) === key);
      if (index >= 0) return { lane: lane.key, stage, index, list, one: list[index] };
    }
  return null;
}
const findCard = (canvas, key) => find(canvas, "cards", "cards", key);
const findNote = (canvas, id) => find(canvas, "words", "notes", id);

// A change done to a canvas, as Python will do it.
function apply(canvas, { id, type, values }, when) {
  const cell = (lane) => cellAt(canvas, lane, values.stage);
  if (type === "place") {
    const at = findCard(canvas, values.touchpoint);
    if (!at) return;
    at.list.splice(at.index, 1);
    (cell(at.lane).cards ??= []).splice(values.index, 0, at.one);
  } else if (type === "add") (cell(values.lane).notes ??= []).push({ id, text: values.text, author: "", when, waits: true });
  const at = values.note && findNote(canvas, values.note);
  if (!at) return;
  if (type === "edit") Object.assign(at.one, { text: values.text, author: "", when });
  else at.list.splice(at.index, 1);
  if (type === "move") (cell(values.lane).notes ??= []).push(at.one);
}

function render(context) {
  const { model, el } = context;
  const told = h("p", { cls: "cxw-map-told cxw-muted", role: "status" });
  const alarm = h("p", { cls: "cxw-problem", role: "alert", hidden: true });
  const said = new Map(); // id -> change, from when it is told until the canvas holds it
  let held = []; // changes that wait for the name of who made them
  const drafts = new Map(); // key -> {node, stage, lane, note}: texts being written
  let open = ""; // "lanes", or which card's or note's menu
  let left = 0; // how far the table is scrolled
  let problem = "";
  let author = null; // not asked yet
  try {
    author = localStorage.getItem(NAME);
  } catch {
    // storage is off: it is asked once a page
  }
  const now = () => {
    const canvas = structuredClone(model.get("canvas"));
    for (const one of [...said.values(), ...held]) apply(canvas, one, label(model, "saving"));
    return canvas;
  };

  // -- telling, and hearing
  function change(type, values = {}) {
    const one = { id: uid(), type, values, at: Date.now() };
    problem = "";
    if (author === null) held.push(one);
    else tell(one);
    view.again();
    if (author === null) focus("name");
    look();
  }
  function tell(one) {
    one.at = Date.now();
    said.set(one.id, one);
    say(model, one.type, { ...one.values, author, id: one.id });
    setTimeout(look, LATE + 100);
  }
  function named(name) {
    author = name.trim().slice(0, 80);
    try {
      if (author) localStorage.setItem(NAME, author);
      else localStorage.removeItem(NAME);
    } catch {
      // storage is off
    }
    const waiting = held;
    held = [];
    for (const one of waiting) tell(one);
    if (waiting.length) view.again(); // else nothing looks different, and the focus may be on its way elsewhere
  }
  function hear() {
    for (const answer of model.get("answers")) {
      const one = said.get(answer.id);
      if (!one) continue;
      if (!one.heard) {
        one.heard = true;
        if (answer.problem) {
          problem = answer.text;
          again(one);
        } else told.textContent = answer.text;
        // what is taken back isn't done to the canvas any more
        if (answer.undone === "place") said.delete([...said.values()].findLast((each) => each.type === "place" && each.heard)?.id);
      }
      if (answer.problem || answer.waits <= model.get("placed")) said.delete(one.id);
    }
    look();
  }
  // a text that could not be kept goes back to where it was written
  function again({ type, values }) {
    const at = type === "edit" && findNote(model.get("canvas"), values.note);
    if (type === "add" || at) write(values.note ?? key(values), values.text, at || values, values.note);
    else if (type === "edit") write(`${values.note} gone`, values.text, values);
  }
  // what isn't kept yet is said once that takes long, or can't be any more
  function look() {
    const waiting = [...said.values()].some((one) => !one.heard && Date.now() - one.at >= LATE);
    const over = document.documentElement.dataset.cxwSession === "ended" && (waiting || held.length || drafts.size);
    const text = over ? label(model, "over") : waiting ? label(model, "unsaved") : problem;
    if (alarm.textContent !== text) alarm.textContent = text;
    alarm.hidden = !text;
    if (text) told.textContent = "";
  }

  // -- drawing
  const button = (name, words, call, more = {}) => h("button", { type: "button", cls: "cxw-btn", "data-key": name, onclick: call, ...more }, words);
  const small = (name, words, path, call, more = {}) => h("button", { type: "button", cls: "cxw-icon-btn", "data-key": name, "aria-label": words, title: words, onclick: call, ...more }, icon(path));
  const focus = (name) => {
    const found = [...view.root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === name);
    found?.focus({ preventScroll: true });
    found?.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const turn = (name, first) => {
    open = open === name ? "" : name;
    view.again();
    if (open) focus(first);
  };
  const shut = (name) => {
    open = "";
    view.again();
    focus(name);
  };

  function tools() {
    const plan = model.get("plan");
    return h(
      "div",
      { cls: "cxw-row cxw-map-tools" },
      button("undo", label(model, "undo"), () => change("undo"), { "aria-keyshortcuts": "Control+Z" }),
      button("lanes", label(model, "lanes"), () => turn("lanes", "lane 0"), { "aria-expanded": String(open === "lanes") }),
      button("plan", plan.name ? `${label(model, "plan")}: ${plan.name}` : label(model, "plan"), () => say(model, "plan"), { "aria-expanded": String(plan.open === true), "data-fallback": true }),
      plan.open && plan.own && button("unplan", label(model, "unplan"), () => say(model, "unplan")),
      h(
        "label",
        { cls: `cxw-field${held.length ? " cxw-map-asked" : ""}` },
        h("span", {}, label(model, "name")),
        h("input", {
          type: "text", cls: "cxw-input", "data-key": "name", maxlength: "80", autocomplete: "name", value: author ?? "",
          onchange: (event) => (held.length ? null : named(event.target.value)),
          onkeydown: (event) => event.key === "Enter" && named(event.target.value),
        }),
      ),
      held.length > 0 && [
        h("span", { cls: "cxw-note" }, label(model, "name_why")),
        button("name_save", label(model, "save"), () => named(view.root.querySelector("[data-key=name]").value), { cls: "cxw-btn cxw-primary" }),
        button("name_drop", label(model, "cancel"), () => {
          for (const one of held.splice(0)) again(one);
          view.again();
        }),
      ],
    );
  }
  function lanes(canvas) {
    const hidden = new Set(model.get("hidden"));
    return h(
      "fieldset",
      { cls: "cxw-checks cxw-map-lanes" },
      h("legend", {}, label(model, "lanes")),
      canvas.lanes.map((lane, i) => {
        const flip = () => {
          if (!hidden.delete(lane.key)) hidden.add(lane.key);
          say(model, "lanes", { hidden: [...hidden] });
        };
        return h("label", { cls: "cxw-check" }, h("input", { type: "checkbox", "data-key": `lane ${i}`, checked: !hidden.has(lane.key), onchange: flip }), h("span", {}, lane.name));
      }),
    );
  }

  const view = live(context, "cxw-map", (root) => {
    const canvas = model.get("canvas").stages ? now() : null;
    root.hidden = !canvas;
    if (!canvas) return;
    root.append(tools(), ...(open === "lanes" ? [lanes(canvas)] : []));
    if (canvas.unstaged) root.append(h("p", { cls: "cxw-note cxw-map-unstaged" }, label(model, "unstaged")));
    draw(root, canvas, {
      labels: model.get("labels"),
      hidden: model.get("hidden"),
      picked: model.get("picked"),
      pick: (of, row) => say(model, "pick", { of, row }),
      tools: (card) => cardTools(canvas, card),
      words: (cell, stage, lane) => words(canvas, cell, stage, lane),
    });
    for (const [name, one] of drafts) if (!one.node.isConnected) root.append(leftover(canvas, name, one));
    root.append(h("p", { cls: "cxw-muted cxw-hint" }, label(model, "keys")));
    root.querySelector(".cxw-map-scroll").scrollLeft = left;
  });

  // -- cards
  function cardTools(canvas, card) {
    const name = `grip ${card.key}`;
    const words = `${label(model, "move")}: ${card.name}`;
    const first = `to 0 ${card.key}`;
    const grip = h("button", { type: "button", cls: "cxw-icon-btn cxw-map-grip", "data-key": name, "aria-expanded": String(open === name), "aria-label": words, title: words, onclick: () => turn(name, first) }, icon(GRIP_ICON));
    return [grip, open === name && menu(words, name, cardMoves(canvas, card.key))];
  }
  function cardMoves(canvas, key) {
    const at = findCard(canvas, key);
    const others = model.get("fixed").includes(key) ? [] : canvas.stages.filter((one) => one.key !== at.stage);
    const last = at.list.length - 1;
    return [
      at.index > 0 && [label(model, "earlier"), () => place(key, at.stage, at.index - 1)],
      at.index < last && [label(model, "later"), () => place(key, at.stage, at.index + 1)],
      ...others.map((one) => [`${label(model, "to")} ${one.name}`, () => place(key, one.key, canvas.cells[at.lane]?.[one.key]?.cards?.length ?? 0)]),
    ].filter(Boolean);
  }
  function place(touchpoint, stage, index) {
    change("place", { touchpoint, stage, index });
  }
  function menu(words, grip, moves) {
    const go = (call) => () => {
      open = "";
      call();
      if (!held.length) focus(grip);
    };
    const key = grip.slice(grip.indexOf(" ") + 1);
    return h("div", { cls: "cxw-map-menu", role: "group", "aria-label": words, onkeydown: (event) => event.key === "Escape" && (event.stopPropagation(), shut(grip)) }, moves.map(([name, call], i) => button(`to ${i} ${key}`, name, go(call))));
  }

  // -- notes
  function key({ lane, stage }) {
    return `${lane} ${stage}`;
  }
  function words(canvas, cell, stage, lane) {
    const here = { stage: stage.key, lane: lane.key };
    const notes = cell.notes ?? [];
    const own = [...drafts].filter(([name, one]) => one.stage === here.stage && one.lane === here.lane && !notes.some((note) => note.id === name));
    const where = `${lane.name}, ${stage.name}`;
    return [
      plannedWords(cell),
      notes.length > 0 && h("ul", { cls: "cxw-map-notes" }, notes.map((one) => note(canvas, one, where))),
      own.map(([name]) => editor(name, where)),
      !drafts.has(key(here)) && small(`add ${key(here)}`, `${label(model, "add")}: ${where}`, ICONS.plus, () => begin(key(here), "", here), { cls: "cxw-icon-btn cxw-map-add" }),
    ];
  }
  function note(canvas, one, where) {
    if (drafts.has(one.id)) return h("li", { cls: "cxw-map-note" }, editor(one.id, where));
    if (one.waits) return h("li", { cls: "cxw-map-note" }, noteText(one));
    const begins = one.text.slice(0, 40);
    const grip = `grip ${one.id}`;
    const words = `${label(model, "move")}: ${begins}`;
    const at = findNote(canvas, one.id);
    return h(
      "li",
      { cls: "cxw-map-note", "data-note": one.id },
      noteText(one),
      h(
        "div",
        { cls: "cxw-map-note-tools" },
        small(`edit ${one.id}`, `${label(model, "edit")}: ${begins}`, EDIT_ICON, () => begin(one.id, one.text, at, one.id)),
        small(grip, words, GRIP_ICON, () => turn(grip, `to 0 ${one.id}`), { cls: "cxw-icon-btn cxw-map-grip", "aria-expanded": String(open === grip) }),
        small(`remove ${one.id}`, `${label(model, "remove")}: ${begins}`, ICONS.close, () => {
          change("remove", { note: one.id });
          if (!held.length) focus(`add ${key(at)}`);
        }),
      ),
      open === grip && menu(words, grip, noteMoves(canvas, one.id, at)),
    );
  }
  function noteMoves(canvas, id, at) {
    const to = (stage, lane) => () => change("move", { note: id, stage, lane });
    const stages = canvas.stages.filter((one) => one.key !== at.stage).map((one) => [`${label(model, "to")} ${one.name}`, to(one.key, at.lane)]);
    const lanes = byKind(canvas, "words").filter((one) => one.key !== at.lane).map((one) => [`${label(model, "to")} ${one.name}`, to(at.stage, one.key)]);
    return [...stages, ...lanes];
  }

  function write(name, text, { stage, lane }, note) {
    const node = h("textarea", { cls: "cxw-input", rows: "3", maxlength: "2000", "data-key": `draft ${name}`, value: text });
    drafts.set(name, { node, stage, lane, note });
  }
  function begin(name, text, at, note) {
    write(name, text, at, note);
    view.again();
    focus(`draft ${name}`);
  }
  function editor(name, where) {
    const { node, stage, lane, note } = drafts.get(name);
    const at = { stage, lane };
    const leave = () => {
      drafts.delete(name);
      view.again();
      focus(note ? `edit ${note}` : `add ${key(at)}`);
    };
    const keep = () => {
      const text = node.value.trim();
      if (!text) return node.focus();
      drafts.delete(name);
      if (note && findNote(now(), note)) change("edit", { ...at, note, text });
      else change("add", { ...at, text });
      if (!held.length) focus(note ? `edit ${note}` : `add ${key(at)}`);
    };
    node.setAttribute("aria-label", `${label(model, "note")}: ${where}`);
    node.onkeydown = (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) keep();
      else if (event.key === "Escape") leave();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    return h("div", { cls: "cxw-map-editor" }, node, h("div", { cls: "cxw-row" }, button(`keep ${name}`, label(model, "save"), keep, { cls: "cxw-btn cxw-primary" }), button(`leave ${name}`, label(model, "cancel"), leave)));
  }
  // a text whose place is gone or hidden is still there to be copied, kept or dropped
  function leftover(canvas, name, { stage, lane }) {
    const called = (list, one) => list.find((each) => each.key === one)?.name ?? one;
    const where = `${called(canvas.lanes, lane)}, ${called(canvas.stages, stage)}`;
    return h("div", { cls: "cxw-card" }, h("h3", {}, `${label(model, "leftover")} ${where}`), editor(name, where));
  }

  // -- moving by pointer and by keyboard
  const moving = pointing(view.root, (item, to) => {
    if (item.dataset.card !== undefined) {
      const at = findCard(now(), item.dataset.card);
      if (at && (at.stage !== to.stage || at.index !== to.index)) place(item.dataset.card, to.stage, to.index);
      return;
    }
    const at = findNote(now(), item.dataset.note);
    if (at && (at.stage !== to.stage || at.lane !== to.lane)) change("move", { note: item.dataset.note, stage: to.stage, lane: to.lane });
  });
  function shift(item, [across, down]) {
    const canvas = now();
    const card = item.dataset.card;
    const at = card === undefined ? findNote(canvas, item.dataset.note) : findCard(canvas, card);
    if (!at) return;
    const beside = (list, key, by) => list[list.findIndex((one) => one.key === key) + by]?.key;
    const stage = beside(canvas.stages, at.stage, across);
    if (card !== undefined) {
      const there = canvas.cells[at.lane]?.[stage]?.cards?.length ?? 0;
      const index = across ? Math.min(at.index, there) : at.index + down;
      if (stage !== undefined && index >= 0 && (across || index < at.list.length)) place(card, stage, index);
    } else {
      const hidden = new Set(model.get("hidden"));
      const lane = beside(byKind(canvas, "words").filter((one) => !hidden.has(one.key)), at.lane, down);
      if (stage !== undefined && lane !== undefined) change("move", { note: item.dataset.note, stage, lane });
    }
    if (!held.length) document.activeElement.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  const keys = (event) => {
    const at = event.target;
    if (at.closest("textarea, input, select")) return;
    const item = at.closest("[data-card], [data-note]");
    if (event.altKey && ARROWS[event.key] && item) {
      event.preventDefault(); // Alt with an arrow leaves the page elsewhere
      shift(item, ARROWS[event.key]);
    }
  };
  const takeBack = (event) => {
    const at = document.activeElement;
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "z") return;
    if (at.matches("textarea, input, select") || !(at === document.body || view.root.contains(at)) || !view.root.offsetHeight) return;
    event.preventDefault();
    change("undo");
  };

  const scrolled = (event) => event.target.matches(".cxw-map-scroll") && (left = event.target.scrollLeft);
  view.root.before(told, alarm);
  view.root.addEventListener("scroll", scrolled, true);
  view.root.addEventListener("keydown", keys);
  document.addEventListener("keydown", takeBack);
  for (const name of ["answers", "placed"]) model.on(`change:${name}`, hear);
  const session = new MutationObserver(look);
  session.observe(document.documentElement, { attributes: true, attributeFilter: ["data-cxw-session"] });
  return () => {
    moving();
    session.disconnect();
    document.removeEventListener("keydown", takeBack);
    for (const name of ["answers", "placed"]) model.off(`change:${name}`, hear);
    view.stop();
  };
}

export default { render };
