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

  const { home, companies } = JSON.parse(document.getElementById("cxw-headlines").textContent);
  const chosen = () => new URLSearchParams(location.hash.slice(1)).get("company") || home;
  const cards = [...document.querySelectorAll("[data-cxw-figure]")];
  const waits = new Map(cards.map((place) => [place, [...place.childNodes]]));
  const line = document.getElementById("cxw-company");
  const failed = new Set();

  function say(key) {
    line.textContent = window.cxw.text(key);
    for (const place of cards) place.hidden = key !== "landing_wait";
  }
  function draw() {
    const name = chosen();
    for (const node of document.querySelectorAll("[data-cxw-company]"))
      if (node.dataset.cxwCompany === name) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    if (!Object.hasOwn(companies, name)) return say(/^[0-9a-f]{32}$/.test(name) ? "landing_own" : "landing_unknown");
    if (failed.has(name)) return say("landing_failed");
    if (!companies[name]) {
      for (const [place, bones] of waits) place.replaceChildren(...bones);
      return say("landing_wait");
    }
    const said = companies[name][window.cxw.language];
    line.textContent = said.company;
    for (const place of cards) {
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
  window.addEventListener("hashchange", draw);
  draw();
  for (const name of Object.keys(companies).filter((one) => !companies[one]))
    fetch(`headlines?company=${encodeURIComponent(name)}`, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then((told) => { if (told) companies[name] = told; else failed.add(name); })
      .catch(() => failed.add(name))
      .then(draw);
})();
