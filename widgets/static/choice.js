// One of several: as tabs, a segmented control, or a drop-down. Native radios and select: the keyboard works by itself.
function render(context) {
  const { model } = context;
  const name = uid();
  // tabs wider than their place scroll: the chosen one is brought to its middle, also once the place shows or turns narrow
  const room = new ResizeObserver(([{ target: row }]) => {
    const on = row.querySelector(".cxw-on");
    if (!on || row.scrollWidth <= row.clientWidth) return;
    const [inner, outer] = [on.getBoundingClientRect(), row.getBoundingClientRect()];
    row.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  });
  const view = live(context, "cxw-choice-host", (root) => {
    const chosen = model.get("value");
    const pick = (value) => value !== model.get("value") && say(model, "pick", { value });
    const options = model.get("options");
    const caption = label(model, "title");
    if (model.get("look") === "select") {
      root.append(
        h(
          "label",
          { cls: "cxw-field" },
          h("span", {}, caption),
          h(
            "select",
            // where nothing is chosen yet, that is to be seen
            { cls: "cxw-select", "data-key": "select", required: options[0]?.value === "", onchange: (event) => pick(event.target.value) },
            options.map((one) => h("option", { value: one.value, selected: one.value === chosen }, one.label)),
          ),
        ),
      );
      return;
    }
    root.append(
      h(
        "fieldset",
        { cls: `cxw-choice cxw-choice-${model.get("look")}` },
        h("legend", { cls: model.get("look") === "tabs" ? "cxw-offscreen" : "" }, caption),
        options.map((one) =>
          h(
            "label",
            { cls: one.value === chosen ? "cxw-on" : "", title: one.hint },
            h("input", { type: "radio", name, value: one.value, checked: one.value === chosen, "data-key": one.value, onchange: () => pick(one.value) }),
            h("span", {}, one.label),
          ),
        ),
      ),
    );
    room.disconnect();
    room.observe(root.firstChild);
  });
  return () => {
    room.disconnect();
    view.stop();
  };
}
export default { render };
