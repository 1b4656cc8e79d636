// The styles once a document; and in a served page what the notebook says before its page goes behind it, folded.
export default {
  render({ model, el }) {
    el.style.display = "none";
    const [common, pages] = model.get("css");
    const put = (id, text) => {
      if (!document.getElementById(id)) document.head.append(h("style", { id }, text));
    };
    if (!document.querySelector("link[href*='workbench.css']")) put("cxw-style", common);
    put("cxw-style-pages", pages);
    const name = () => {
      for (const one of document.querySelectorAll(".cxw-story > summary")) one.textContent = label(model, "story");
    };
    const fold = () => {
      if (!document.body.dataset.voila || document.querySelector(".cxw-story")) return;
      let unit = el.closest(".jp-Cell");
      if (!unit) {
        if (tries++ < 60) requestAnimationFrame(fold); // not in the document yet
        return;
      }
      const cells = (node) => node.querySelectorAll(".jp-Cell").length;
      while (cells(unit.parentElement) < 2 && unit.parentElement !== document.body) unit = unit.parentElement;
      const before = [...unit.parentElement.children].filter((one) => one !== unit && (cells(one) || one.matches(".jp-Cell")));
      if (before.length) unit.after(h("details", { cls: "cxw-card cxw-story" }, h("summary", {}, label(model, "story")), before));
    };
    let tries = 0;
    model.on("change:labels", name);
    requestAnimationFrame(fold);
    return () => model.off("change:labels", name);
  },
};
