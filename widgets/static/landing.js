// The live figures of the landing page. They come from the open company; until they are there, the page waits for them.
(() => {
  const make = (tag, name, text) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  // Bars of a series: upright with a label below each (or each few), or lying with name and number beside.
  function bars(values, name, kind) {
    const box = make("div", `cxw-bars cxw-bars-${kind}`);
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", `${name}: ${values.map((one) => one.title ?? `${one.label} ${one.value}`).join(", ")}`);
    const top = Math.max(...values.map((one) => one.n), 1);
    const step = Math.ceil(values.length / 6);
    values.forEach((one, place) => {
      const part = make("div", "cxw-bar");
      const bar = make("i");
      const share = `${((one.n / top) * 100).toFixed(1)}%`;
      if (kind === "columns") {
        part.title = one.title;
        bar.style.height = share;
        const room = make("span", "cxw-bar-room");
        room.append(bar);
        part.append(room, make("span", "cxw-bar-label", place % step === 0 ? one.label : "\u00a0"));
      } else {
        bar.style.width = share;
        const room = make("span", "cxw-bar-room");
        room.append(bar);
        part.append(make("span", "cxw-bar-label", one.label), room, make("span", "cxw-bar-value", one.value));
      }
      box.append(part);
    });
    return box;
  }

  let known = JSON.parse(document.getElementById("cxw-headlines").textContent);
  function draw() {
    if (!known) return;
    const said = known[window.cxw.language];
    const company = document.getElementById("cxw-company");
    company.replaceChildren(document.createTextNode(said.company));
    for (const place of document.querySelectorAll("[data-cxw-figure]")) {
      const card = said.cards[place.dataset.cxwFigure];
      place.hidden = !card;
      if (!card) continue;
      place.replaceChildren(make("strong", "", card.figure), make("span", "", card.text));
      if (card.sure) place.append(make("span", "cxw-hint", card.sure));
      for (const kind of ["rows", "columns"])
        if (card[kind]?.length) place.append(make("span", "cxw-bars-name", card.name), bars(card[kind], card.name, kind));
    }
  }
  window.addEventListener("cxw:language", draw);
  draw();
  if (!known) {
    fetch("headlines", { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then((told) => { if (!told) throw new Error("no figures"); known = told; draw(); })
      .catch(() => {
        document.getElementById("cxw-company").textContent = window.cxw.text("landing_failed");
        for (const place of document.querySelectorAll("[data-cxw-figure]")) place.hidden = true;
      });
  }
})();
