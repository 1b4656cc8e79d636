function render(context) {
  const { model } = context;
  let timer;
  return live(context, "cxw-slider-host", (root) => {
    const shown = h("output", { cls: "cxw-muted" }, `${model.get("value")}${model.get("unit")}`);
    const input = h("input", {
      type: "range", min: model.get("low"), max: model.get("high"), step: model.get("step"), value: String(model.get("value")),
      "data-key": "range", "aria-valuetext": `${model.get("value")}${model.get("unit")}`,
      oninput: (event) => {
        const value = Number(event.target.value);
        shown.textContent = `${value}${model.get("unit")}`;
        event.target.setAttribute("aria-valuetext", shown.textContent);
        clearTimeout(timer);
        timer = setTimeout(() => say(model, "slide", { value }), 150);
      },
    });
    root.append(h("label", { cls: "cxw-field cxw-slider" }, h("span", {}, label(model, "title")), input, shown));
  }).stop;
}
export default { render };
