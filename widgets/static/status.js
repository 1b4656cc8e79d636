// One line that says what is going on: quiet, busy (with progress and Cancel), a note, or an error with its advice.
function render(context) {
  const { model, el } = context;
  const spoken = h("p", { cls: "cxw-status-text", role: "status", "aria-live": "polite" });
  const alarm = h("p", { cls: "cxw-status-text", role: "alert" });
  const bar = h("div", { cls: "cxw-progress", hidden: true }, h("i"));
  const stop = h("button", { cls: "cxw-btn", type: "button", hidden: true, onclick: () => say(model, "cancel") });
  const root = h("div", { cls: "cxw-status" }, spoken, alarm, bar, stop);
  el.classList.add("cxw-view");
  el.append(root);
  // the live regions stay in place and only their text changes: that is what screen readers announce
  const draw = () => {
    const kind = model.get("kind");
    root.dataset.kind = kind;
    spoken.textContent = kind === "error" ? "" : model.get("message");
    alarm.textContent = kind === "error" ? model.get("message") : "";
    const share = model.get("share");
    bar.hidden = kind !== "busy";
    bar.classList.toggle("cxw-progress-open", share < 0);
    bar.firstChild.style.width = share < 0 ? "" : `${Math.round(share * 100)}%`;
    stop.hidden = kind !== "busy" || !model.get("can_cancel");
    stop.textContent = label(model, "cancel");
  };
  model.on("change", draw);
  draw();
  return () => model.off("change", draw);
}
export default { render };
