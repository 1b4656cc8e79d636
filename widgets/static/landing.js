// The live figures of the landing page. They come from the open company; until they are there, the page waits for them.
(() => {
  const make = (tag, name, text) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const SVG = "http://www.w3.org/2000/svg";
  // Bars of a series; every one is a number of the open company.
  function bars(values, name) {
    const svg = document.createElementNS(SVG, "svg");
    const top = Math.max(...values, 1);
    svg.setAttribute("viewBox", `0 0 ${values.length * 10} 60`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", name);
    values.forEach((value, place) => {
      const bar = document.createElementNS(SVG, "rect");
      const height = Math.max((value / top) * 58, value > 0 ? 1 : 0);
      for (const [key, number] of Object.entries({ x: place * 10 + 0.5, y: 60 - height, width: 9, height })) bar.setAttribute(key, number);
      svg.append(bar);
    });
    return svg;
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
      if (card.series.length) place.append(bars(card.series, card.series_name), make("span", "cxw-hint", card.series_name));
      if (card.counted) place.append(make("span", "cxw-hint", card.counted));
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
