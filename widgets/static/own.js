// The companies loaded from this browser. It alone keeps their ids and the keys that remove them; Python says which are there.
const KEPT = "cxw-companies";
const MOST = 50;

function render(context) {
  const { model } = context;
  const id = uid();
  const HEX = /^[0-9a-f]{32}$/;
  let mine = []; // lasts as long as the page where a browser keeps nothing
  const look = () => {
    try {
      mine = JSON.parse(localStorage.getItem(KEPT) ?? "[]").filter((one) => HEX.test(one?.id) && HEX.test(one?.key));
    } catch {
      // storage is off, or holds what is not ours
    }
    return mine;
  };
  const keep = (change) => {
    mine = change(look()).slice(0, MOST); // other pages of this browser may have added to it
    try {
      localStorage.setItem(KEPT, JSON.stringify(mine));
    } catch {
      // storage is off
    }
  };
  let asking = null; // id of the company that is to be confirmed
  let going = null; // of the one that is being removed

  const view = live(context, "cxw-card cxw-own", (root) => {
    const rows = model.get("rows");
    const said = model.get("said");
    root.hidden = !rows.length && !said;
    if (!rows.some((one) => one.id === asking)) asking = null;
    const button = (key, words, call, more = {}) => h("button", { cls: "cxw-btn", type: "button", "data-key": key, onclick: call, ...more }, words);
    const one = (row) =>
      h(
        "li",
        {},
        h(
          "div",
          { cls: "cxw-own-name" },
          document.body.dataset.voila ? h("a", { href: row.href, "data-key": `open ${row.id}`, "aria-current": row.on ? "true" : null }, row.name) : h("strong", {}, row.name),
          h("span", { cls: "cxw-hint" }, row.text),
        ),
        row.id === asking
          ? h(
              "div",
              { cls: "cxw-own-ask", role: "group", "aria-label": row.ask },
              h("p", { cls: "cxw-problem" }, row.ask),
              h("div", { cls: "cxw-row" }, button(`yes ${row.id}`, label(model, "yes"), () => remove(row.id)), button(`keep ${row.id}`, label(model, "keep"), () => ask(null, `drop ${row.id}`), { "aria-label": `${label(model, "keep")}: ${row.name}` })),
            )
          : button(`drop ${row.id}`, label(model, "remove"), () => ask(row.id, `keep ${row.id}`), { "aria-label": `${label(model, "remove")}: ${row.name}` }),
      );
    root.append(
      h("h2", { tabindex: "-1", "data-key": "title", "data-fallback": true, "aria-describedby": `${id}-said` }, label(model, "title")),
      h("p", { cls: "cxw-muted cxw-hint" }, label(model, "help")),
      rows.length ? h("ul", {}, rows.map(one)) : "",
      h("p", { id: `${id}-said`, cls: said ? "cxw-note" : "", role: "status" }, said),
    );
  });

  function ask(id, focus) {
    asking = id;
    view.again();
    [...view.root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === focus)?.focus();
  }
  function remove(id) {
    going = id;
    say(model, "remove", { id, key: mine.find((one) => one.id === id)?.key ?? "" });
    ask(null, "title");
  }
  const escape = (event) => {
    if (event.key === "Escape" && asking) ask(null, `drop ${asking}`);
  };
  const came = () => {
    const { id, key } = model.get("added");
    if (id) keep((kept) => [{ id, key }, ...kept.filter((one) => one.id !== id)]);
  };
  const went = () => {
    const rows = model.get("rows");
    if (!going || rows.some((one) => one.id === going)) return;
    keep((kept) => kept.filter((one) => one.id !== going));
    going = null;
  };
  view.root.addEventListener("keydown", escape);
  model.on("change:added", came);
  model.on("change:rows", went);
  if (look().length) say(model, "mine", { ids: mine.map((one) => one.id) });
  came();
  return () => {
    model.off("change:added", came);
    model.off("change:rows", went);
    view.stop();
  };
}
export default { render };
