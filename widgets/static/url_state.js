// The text behind # to Python, Python's link back into the address. The frame (chrome.js) writes lang there.
function render({ model, el }) {
  el.hidden = true;
  if (!document.body.dataset.voila) return undefined;
  let told = null;
  const tell = () => {
    const link = location.hash.slice(1);
    if (link !== told) {
      told = link;
      say(model, "link", { link });
    }
  };
  const write = () => {
    const state = new URLSearchParams(model.get("link"));
    if (!state.has("lang")) state.set("lang", document.documentElement.lang);
    told = state.toString();
    history.replaceState(null, "", "#" + told);
    window.dispatchEvent(new CustomEvent("cxw:address")); // the frame's links keep the company of the address
  };
  const hear = () => {
    const spoken = model.get("language");
    if (!spoken || spoken === document.documentElement.lang) document.body.dataset.cxwHeard = ""; // chrome.js waits for it
  };
  model.on("change:link", write);
  model.on("change:language", hear);
  for (const name of ["hashchange", "popstate", "cxw:language"]) window.addEventListener(name, tell);
  tell();
  hear();
  return () => {
    model.off("change:link", write);
    model.off("change:language", hear);
    for (const name of ["hashchange", "popstate", "cxw:language"]) window.removeEventListener(name, tell);
  };
}
export default { render };
