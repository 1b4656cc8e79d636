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
      const cell = el.closest(".jp-Cell");
      if (!document.body.dataset.voila || !cell || document.querySelector(".cxw-story")) return;
      const before = [...cell.parentElement.children].filter((one) => one !== cell && one.classList.contains("jp-Cell"));
      if (!before.length) return;
      cell.after(h("details", { cls: "cxw-card cxw-story" }, h("summary", {}, label(model, "story")), before));
    };
    model.on("change:labels", name);
    requestAnimationFrame(fold);
    return () => model.off("change:labels", name);
  },
};
