// A real table: caption, scopes, sorting by buttons, pages. Python holds the rows and sends one page of them.
function render(context) {
  const { model } = context;
  return live(context, "cxw-table-host", (root) => {
    const columns = model.get("columns");
    const sort = model.get("sort");
    const picked = model.get("picked");
    const head = (one, i) =>
      h(
        "th",
        { scope: "col", cls: one.number ? "cxw-number" : "", "aria-sort": sort.column === i ? (sort.down ? "descending" : "ascending") : "none" },
        h(
          "button",
          { type: "button", cls: "cxw-sort", "data-key": `sort ${i}`, title: one.hint, onclick: () => say(model, "sort", { column: i }) },
          one.label,
          h("span", { "aria-hidden": "true", cls: "cxw-arrow" }, sort.column === i ? (sort.down ? "▼" : "▲") : ""),
        ),
      );
    const heads = model.get("heads");
    const cell = (value, i, row) => {
      const cls = columns[i].number ? "cxw-number" : "";
      if (i !== heads) return h("td", { cls }, value);
      if (!model.get("pickable")) return h("th", { scope: "row", cls }, value);
      return h(
        "th",
        { scope: "row", cls },
        h(
          "button",
          { type: "button", cls: "cxw-link", "data-key": `row ${row.key}`, "aria-pressed": String(row.key === picked), title: label(model, "pick"), onclick: () => say(model, "pick", { row: row.key }) },
          value,
        ),
      );
    };
    const marked = () => String(window.getSelection()) !== ""; // text marked to be copied is no pick
    const turn = (to, key, off) => h("button", { type: "button", cls: "cxw-btn", "data-key": key, disabled: off, onclick: () => say(model, "page", { page: to }) }, label(model, key));
    const page = model.get("page");
    const pages = model.get("pages");
    root.append(
      h(
        "div",
        { cls: "cxw-table-scroll", tabindex: "0", role: "region", "aria-label": model.get("caption") },
        h(
          "table",
          { cls: "cxw-table" },
          h("caption", { cls: model.get("quiet") ? "cxw-offscreen" : "" }, model.get("caption")),
          h("thead", {}, h("tr", {}, columns.map(head))),
          h(
            "tbody",
            {},
            model.get("rows").map((row) =>
              h(
                "tr",
                // the whole row answers a pointer; the keyboard has the button in it
                { cls: `${model.get("pickable") ? "cxw-pickable" : ""}${row.key === picked ? " cxw-on" : ""}${row.quiet ? " cxw-quiet" : ""}`, onclick: model.get("pickable") ? (event) => event.target.closest("button") || marked() || say(model, "pick", { row: row.key }) : null },
                row.cells.map((value, i) => cell(value, i, row)),
              ),
            ),
          ),
        ),
      ),
      h(
        "div",
        { cls: "cxw-row cxw-table-foot" },
        h("span", { cls: "cxw-muted", role: "status" }, model.get("counted")),
        pages > 1 && [turn(page - 1, "previous", page === 0), turn(page + 1, "next", page >= pages - 1)],
      ),
    );
  }).stop;
}
export default { render };
