function render(context) {
  const { model } = context;
  return live(context, "cxw-notes-host", (root) => {
    const notes = model.get("notes");
    if (!notes.length) return;
    root.append(
      h(
        "div",
        { cls: model.get("look") === "foot" ? "cxw-foot" : "cxw-notes" },
        label(model, "title") && h("h3", {}, label(model, "title")),
        notes.map((one) => h("p", {}, one)),
      ),
    );
  }).stop;
}
export default { render };
