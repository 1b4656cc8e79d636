// The proposed mapping: how the file is written, which column is what, what is personal. Every change goes to Python and comes back.
function render(context) {
  const { model, el } = context;
  const view = live(context, "cxw-mapping", (root) => {
    const L = (key) => label(model, key);
    const select = (key, name, options, value, send) =>
      h(
        "select",
        { cls: "cxw-select", "data-key": key, "aria-label": name, onchange: (event) => send(event.target.value) },
        options.map((one) => h("option", { value: one.value, selected: one.value === value }, one.label)),
      );
    const scroll = (name, ...kids) => h("div", { cls: "cxw-scroll", tabindex: "0", role: "region", "aria-label": name }, h("table", { cls: "cxw-table" }, kids));
    const heads = (...keys) => h("thead", {}, h("tr", {}, keys.map((key) => h("th", { scope: "col" }, L(key)))));
    const columns = [{ value: "", label: L("nothing") }, ...model.get("sources").map((one) => ({ value: one.name, label: one.name }))];
    const actions = ["keep", "hash", "drop", "mask"].map((value) => ({ value, label: L(value) }));
    const timeline = model.get("timeline");

    root.append(
      h("p", {}, h("b", {}, model.get("summary"))),
      model.get("notes").length ? h("ul", { cls: "cxw-note cxw-note-list" }, model.get("notes").map((one) => h("li", {}, one))) : "",
      h("h3", {}, L("settings")),
      h(
        "div",
        { cls: "cxw-row cxw-settings" },
        model.get("settings").map((one) =>
          h("label", { cls: "cxw-field" }, h("span", {}, one.label), select(`setting ${one.name}`, one.label, one.options, one.value, (value) => say(model, "setting", { name: one.name, value }))),
        ),
      ),
      h("h3", {}, L("mapping")),
      h(
        "div",
        { cls: "cxw-row" },
        h("label", { cls: "cxw-field" }, h("span", {}, L("table")), select("table", L("table"), model.get("tables"), model.get("table"), (value) => say(model, "table", { value }))),
      ),
      timeline.length
        ? h(
            "div",
            { cls: "cxw-note cxw-note-list" },
            h("p", {}, L("timeline")),
            h("ul", {}, timeline.map((one) => h("li", {}, `${one.source} → ${one.touchpoint}`))),
            h("button", { cls: "cxw-btn", type: "button", "data-key": "untime", onclick: () => say(model, "untime") }, L("untime")),
          )
        : "",
      scroll(
        L("mapping"),
        heads("model_column", "your_column", "examples"),
        h(
          "tbody",
          {},
          model.get("fields").map((one) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, one.label, one.required ? h("span", { cls: "cxw-required" }, ` ${L("required")}`) : "", h("div", { cls: "cxw-muted" }, `${one.technical} · ${one.kind}`)),
              h(
                "td",
                {},
                select(`column ${one.name}`, `${L("your_column")}: ${one.label}`, columns, one.value, (source) => say(model, "column", { name: one.name, source })),
                one.constant ? h("div", { cls: "cxw-muted" }, `${L("constant")} ${one.constant}`) : "",
                one.missing ? h("div", { cls: "cxw-problem" }, L("missing_here")) : "",
              ),
              h("td", { cls: "cxw-examples" }, one.examples),
            ),
          ),
        ),
      ),
      h("h3", {}, L("personal")),
      h("p", { cls: "cxw-muted" }, L("personal_help")),
      scroll(
        L("personal"),
        heads("your_column", "examples", "used_as", "what_happens"),
        h(
          "tbody",
          {},
          model.get("sources").map((one) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, one.name, h("div", { cls: "cxw-muted" }, [one.kind, one.format, one.empty].filter(Boolean).join(" · "))),
              h("td", { cls: "cxw-examples" }, one.examples),
              h("td", {}, one.used || h("span", { cls: "cxw-muted" }, L("kept"))),
              h("td", {}, select(`personal ${one.name}`, `${L("what_happens")}: ${one.name}`, actions, one.personal, (action) => say(model, "personal", { column: one.name, action }))),
            ),
          ),
        ),
      ),
      h(
        "div",
        { cls: "cxw-row" },
        h(
          "label",
          { cls: "cxw-field" },
          h("span", {}, L("company")),
          h("input", { type: "text", cls: "cxw-input", maxlength: "80", value: model.get("company"), "data-key": "company", onchange: (event) => event.target.value.trim() && say(model, "company", { value: event.target.value }) }),
        ),
        h("button", { cls: "cxw-btn cxw-primary", type: "button", "data-key": "load", disabled: !model.get("ready"), onclick: () => say(model, "load") }, L("load")),
      ),
      model.get("missing") ? h("p", { cls: "cxw-problem", role: "status" }, model.get("missing")) : "",
    );
  });
  const rest = comesIntoSight(el); // a file that has just been read
  return () => {
    rest();
    view.stop();
  };
}
export default { render };
