function render(context) {
  const { model } = context;
  return live(context, "cxw-headline", (root) => {
    root.append(
      h("h1", { cls: "cxw-title" }, model.get("title")),
      model.get("subtitle") && h("p", { cls: "cxw-sub" }, model.get("subtitle")),
    );
  }).stop;
}
export default { render };
