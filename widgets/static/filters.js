// Filters as pills. A pill opens its panel under the row; the panel holds native checkboxes, dates or the pattern line.
function render(context) {
  const { model } = context;
  const id = uid();
  let open = null; // key of the open pill, or "+" for the list of columns
  let draft = null; // what is ticked or written in the open panel, before Apply
  let timer;

  const view = live(context, "cxw-filters-host", (root) => {
    const pills = model.get("pills");
    if (open && open !== "+" && !pills.some((one) => one.key === open) && !fresh(open)) shut();
    root.append(
      h(
        "div",
        { cls: "cxw-filters", role: "group", "aria-label": label(model, "title") },
        pills.map((one) =>
          h(
            "span",
            { cls: `cxw-pill${one.kind === "pattern" ? " cxw-mono" : ""}${open === one.key ? " cxw-on" : ""}` },
            h(
              "button",
              { cls: "cxw-pill-main", type: "button", "data-key": `pill ${one.key}`, "aria-expanded": String(open === one.key), "aria-controls": `${id}-panel`, onclick: () => toggle(one.key) },
              one.name && h("b", {}, one.name),
              " ",
              one.text,
            ),
            one.removable &&
              h(
                "button",
                { cls: "cxw-pill-drop", type: "button", "data-key": `drop ${one.key}`, "aria-label": `${label(model, "remove")}: ${one.name} ${one.text}`, onclick: () => say(model, "remove", { key: one.key }) },
                icon(ICONS.close),
              ),
          ),
        ),
        h(
          "button",
          { cls: "cxw-pill cxw-pill-add", type: "button", "data-key": "add", "data-fallback": true, "aria-expanded": String(open === "+"), "aria-controls": `${id}-panel`, onclick: () => toggle("+") },
          icon(ICONS.plus),
          label(model, "add"),
        ),
        !pills.some((one) => one.key === "versus") &&
          h(
            "button",
            { cls: "cxw-pill", type: "button", "data-key": "pill versus", "aria-expanded": String(open === "versus"), "aria-controls": `${id}-panel`, onclick: () => toggle("versus") },
            label(model, "versus add"),
          ),
      ),
      panel(root),
    );
  });

  const fresh = (key) => key.startsWith("where ") || key === "period" || key === "versus" || key.startsWith("pattern ");
  function shut() {
    open = draft = null;
  }
  function toggle(key) {
    const back = open === key;
    shut();
    if (!back) open = key;
    view.again();
    const first = !back && view.root.querySelector(`#${id}-panel input, #${id}-panel button`);
    if (first) first.focus();
  }
  function leave() {
    const key = open === "+" ? "add" : `pill ${open}`;
    shut();
    view.again();
    const pill = [...view.root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key) || view.root.querySelector("[data-key=add]");
    if (pill) pill.focus();
  }
  function done(type, values) {
    say(model, type, values);
    leave();
  }
  const button = (key, text, call, first) => h("button", { cls: `cxw-btn${first ? " cxw-primary" : ""}`, type: "button", "data-key": key, onclick: call }, text);

  function panel() {
    return h("div", { id: `${id}-panel`, cls: open ? "cxw-card cxw-panel" : "", hidden: !open }, open && inside());
  }

  function inside() {
    if (open === "+")
      return h(
        "div",
        { cls: "cxw-row", role: "group", "aria-label": label(model, "add") },
        button("new period", label(model, "period"), () => toggle("period")),
        model.get("columns").map((one) => button(`new ${one.name}`, one.label, () => toggle(`where ${one.name}`))),
        button("new pattern", label(model, "pattern"), () => toggle(`pattern ${model.get("patterns").length}`)),
      );
    if (open === "period") return period();
    if (open === "versus") return versus();
    if (open.startsWith("where ")) return column(model.get("columns").find((one) => `where ${one.name}` === open));
    return pattern(Number(open.slice(8)));
  }

  // the place that a problem stands at, seen also where the line is broken
  function marked(typed, position) {
    const word = /^[^\s,|{}[\]@=]+|^./su.exec(typed.slice(position))?.[0] ?? " ";
    return [typed.slice(0, position), h("mark", {}, word.trim() || "\u00a0"), typed.slice(position + word.length)];
  }

  function foot(call, off) {
    return h("div", { cls: "cxw-row cxw-panel-foot" }, button("apply", label(model, "apply"), call, true), off && button("none", label(model, "all"), off), button("leave", label(model, "leave"), leave));
  }

  function period() {
    const { start, end, first, last } = model.get("period");
    draft ??= { start: start || first, end: end || last };
    return h(
      "form",
      { onsubmit: (event) => event.preventDefault() },
      days(draft.start, draft.end),
      h("p", { cls: "cxw-muted cxw-hint" }, label(model, "period_help")),
      foot(() => done("period", { start: draft.start === first ? "" : draft.start, end: draft.end === last ? "" : draft.end }), () => done("period", { start: "", end: "" })),
    );
  }

  function column(one) {
    if (!one) return null;
    draft ??= new Set(one.chosen);
    return h(
      "div",
      {},
      ticks(one, draft, one.label),
      h("p", { cls: "cxw-muted cxw-hint" }, label(model, "where_help")),
      foot(() => done("where", { column: one.name, values: [...draft] }), () => done("where", { column: one.name, values: [] })),
    );
  }

  const days = (start, end) => {
    const { first, last } = model.get("period");
    const date = (name, value) =>
      h(
        "label",
        { cls: "cxw-field" },
        h("span", {}, label(model, name)),
        h("input", { type: "date", cls: "cxw-input", min: first, max: last, value, "data-key": `date ${name}`, onchange: (event) => (draft[name] = event.target.value) }),
      );
    return h("div", { cls: "cxw-row" }, date("start", start), date("end", end));
  };

  const ticks = (one, chosen, legend, changed) =>
    h(
      "fieldset",
      { cls: "cxw-checks" },
      h("legend", {}, legend),
      one.values.map((value, i) =>
        h(
          "label",
          { cls: "cxw-check" },
          h("input", {
            type: "checkbox", checked: chosen.has(value.value), "data-key": `value ${i}`,
            onchange: (event) => {
              if (event.target.checked) chosen.add(value.value);
              else chosen.delete(value.value);
              changed?.();
            },
          }),
          h("span", {}, value.value),
          value.n && h("span", { cls: "cxw-muted cxw-n" }, value.n),
        ),
      ),
    );

  // what the selection is compared with: one kind of group, and for some what it is made of
  function versus() {
    const { kinds, kind, start, end, column, values } = model.get("versus");
    const columns = model.get("columns");
    const { first, last } = model.get("period");
    draft ??= { kind: kind || (kinds.find((one) => !one.off) ?? {}).value, start: start || first, end: end || last, column: column || (columns.find((other) => other.chosen.length) ?? columns[0] ?? {}).name, chosen: new Set(values) };
    const one = columns.find((other) => other.name === draft.column);
    const set = (changes) => {
      Object.assign(draft, changes);
      view.again();
    };
    const can = draft.kind && !(kinds.find((other) => other.value === draft.kind) ?? {}).off && (draft.kind !== "where" || draft.chosen.size > 0);
    const apply = button("apply", label(model, "versus apply"), () => done("versus", { kind: draft.kind, start: draft.start, end: draft.end, column: draft.column, values: [...draft.chosen] }), true);
    apply.disabled = !can;
    return h(
      "div",
      {},
      h(
        "fieldset",
        { cls: "cxw-versus" },
        h("legend", {}, label(model, "versus title")),
        kinds.map((other) =>
          h(
            "label",
            { cls: "cxw-check" },
            h("input", { type: "radio", name: `${id}-versus`, value: other.value, checked: draft.kind === other.value, disabled: other.off, "data-key": `versus ${other.value}`, onchange: () => set({ kind: other.value }) }),
            h("span", {}, h("b", {}, other.label), " ", h("span", { cls: "cxw-muted cxw-hint" }, other.hint)),
          ),
        ),
      ),
      draft.kind === "period" && days(draft.start, draft.end),
      draft.kind === "where" &&
        one && [
          h(
            "label",
            { cls: "cxw-field" },
            h("span", {}, label(model, "versus column")),
            h(
              "select",
              { cls: "cxw-select", "data-key": "versus column", onchange: (event) => set({ column: event.target.value, chosen: new Set() }) },
              columns.map((other) => h("option", { value: other.name, selected: other.name === draft.column }, other.label)),
            ),
          ),
          ticks(one, draft.chosen, label(model, "versus values"), () => (apply.disabled = !draft.chosen.size)),
        ],
      h("div", { cls: "cxw-row cxw-panel-foot" }, apply, kind && button("none", label(model, "versus none"), () => done("remove", { key: "versus" })), button("leave", label(model, "leave"), leave)),
    );
  }

  function pattern(index) {
    draft ??= { typed: model.get("patterns")[index] ?? "", sent: false };
    const check = model.get("check");
    const current = check.typed === draft.typed;
    const problem = current ? check.problem : "";
    const send = () => say(model, "check", { value: draft.typed, index, apply: false });
    const apply = () => {
      clearTimeout(timer);
      draft.sent = true;
      say(model, "check", { value: draft.typed, index, apply: true });
    };
    if (draft.sent && current && check.applied) {
      queueMicrotask(leave);
    }
    return h(
      "div",
      {},
      h(
        "label",
        { cls: "cxw-field cxw-grow" },
        h("span", {}, label(model, "pattern")),
        h("input", {
          type: "text", cls: "cxw-input cxw-mono", "data-key": "pattern", value: draft.typed, placeholder: label(model, "pattern_example"), maxlength: "500",
          spellcheck: "false", autocomplete: "off", "aria-invalid": problem ? "true" : false, "aria-describedby": `${id}-pattern`,
          oninput: (event) => {
            draft.typed = event.target.value;
            draft.sent = false;
            clearTimeout(timer);
            timer = setTimeout(send, 250);
          },
          onkeydown: (event) => event.key === "Enter" && apply(),
        }),
      ),
      h(
        "div",
        { id: `${id}-pattern`, cls: problem ? "cxw-problem" : "cxw-muted cxw-hint", role: problem ? "alert" : false },
        problem && check.position >= 0 && h("p", { cls: "cxw-point cxw-mono", "aria-hidden": "true" }, marked(check.typed, check.position)),
        problem || label(model, "pattern_help"),
      ),
      foot(apply),
    );
  }

  // from wherever the focus is, but for fields elsewhere, which may have a use for the key
  const escape = (event) => {
    const at = document.activeElement;
    if (open && event.key === "Escape" && (view.root.contains(at) || !at.matches("input, select, textarea"))) leave();
  };
  document.addEventListener("keydown", escape);
  return () => {
    document.removeEventListener("keydown", escape);
    view.stop();
  };
}
export default { render };
