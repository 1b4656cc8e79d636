// The frame of a served page: language, theme, link and export. Runs before the first paint and knows nothing of kernels.
// The language stands in the address (#lang=pl), so that a link shows the same to whoever opens it; pages read it there.
(() => {
  const root = document.documentElement;
  const LATE_MS = 4000;
  const { texts, language: first } = JSON.parse(document.getElementById("cxw-chrome").textContent);
  const kept = {
    get(name) {
      try { return localStorage.getItem(name); } catch { return null; }
    },
    set(name, value) {
      try { localStorage.setItem(name, value); } catch { /* storage is off: the choice lasts as long as the page */ }
    },
  };
  const hash = () => new URLSearchParams(location.hash.slice(1));
  const known = (code) => (code && Object.hasOwn(texts, code) ? code : null);
  const asked = () =>
    known(hash().get("lang")) || known(new URLSearchParams(location.search).get("lang")) || known(kept.get("cxw-language")) ||
    navigator.languages.map((one) => known(one.slice(0, 2).toLowerCase())).find(Boolean) || first;

  // The token and ?lang= have done their work once the page is there; a copied link must not carry the token.
  const search = new URLSearchParams(location.search);
  let language = asked();
  if (search.has("token") || search.has("lang")) {
    search.delete("token");
    search.delete("lang");
    const rest = search.toString();
    history.replaceState(null, "", location.pathname + (rest ? "?" + rest : "") + location.hash);
  }

  const announce = (name, detail) => window.dispatchEvent(new CustomEvent(name, { detail }));
  const say = (key) => {
    const status = document.getElementById("cxw-status");
    if (status) status.textContent = texts[language][key];
  };

  function swap() {
    root.lang = language;
    const put = (node, key, value) => { if (node[key] !== value) node[key] = value; }; // what changes nothing wakes nobody
    const here = document.querySelector(".cxw-nav [aria-current] [data-cxw-text]")?.dataset.cxwText;
    // until the header is there, too: a notebook's own title is in one language
    put(document, "title", here ? `${texts[language][here]} – ${texts[language].brand}` : texts[language].brand);
    for (const node of document.querySelectorAll("[data-cxw-text]")) put(node, "textContent", texts[language][node.dataset.cxwText]);
    for (const node of document.querySelectorAll("[data-cxw-label]")) node.setAttribute("aria-label", texts[language][node.dataset.cxwLabel]);
    for (const node of document.querySelectorAll("[data-cxw-language]")) node.setAttribute("aria-pressed", String(node.dataset.cxwLanguage === language));
    for (const node of document.querySelectorAll("a[data-cxw-link]")) {
      const there = new URLSearchParams(node.hash.slice(1));
      const company = node.dataset.cxwCompany ?? hash().get("company");
      if (company) there.set("company", company);
      else there.delete("company");
      there.set("lang", language);
      if (node.hash.slice(1) !== there.toString()) node.hash = there.toString();
    }
  }

  function speak(code) {
    language = code;
    kept.set("cxw-language", code);
    const state = hash();
    if (state.get("lang") !== code) {
      state.set("lang", code);
      history.replaceState(null, "", "#" + state.toString());
    }
    swap();
    announce("cxw:language", { language });
  }

  const THEMES = ["auto", "light", "dark"];
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let theme = THEMES.includes(kept.get("cxw-theme")) ? kept.get("cxw-theme") : "auto";
  const isDark = () => theme === "dark" || (theme === "auto" && dark.matches);
  function paint() {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    const button = document.getElementById("cxw-theme");
    if (button) button.querySelector("[data-cxw-text]").dataset.cxwText = "theme_" + theme;
    if (document.body) document.body.dataset.jpThemeLight = String(!isDark());
    announce("cxw:theme", { theme, dark: isDark() });
  }
  dark.addEventListener("change", paint);

  async function copyLink() {
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      // without https a browser offers no clipboard: select and copy by hand
      const box = document.createElement("textarea");
      box.value = location.href;
      box.className = "cxw-offscreen";
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    const label = document.querySelector("#cxw-copy-link [data-cxw-text]");
    label.dataset.cxwText = "copied";
    swap();
    say("copied");
    setTimeout(() => { label.dataset.cxwText = "copy_link"; swap(); }, 2000);
  }

  function begin() {
    paint();
    swap();
    const on = (id, call) => document.getElementById(id)?.addEventListener("click", call);
    on("cxw-theme", () => {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      kept.set("cxw-theme", theme);
      paint();
      swap();
    });
    on("cxw-copy-link", copyLink);
    // the address keeps what it says
    document.querySelector(".cxw-skip")?.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById("cxw-content").focus();
    });
    on("cxw-export", () => announce("cxw:export"));
    on("cxw-retry", () => location.reload());
    for (const node of document.querySelectorAll("button[data-cxw-language]")) node.addEventListener("click", () => speak(node.dataset.cxwLanguage));
  }

  // A page that can be exported says so; it may do so before or after the header is there.
  window.addEventListener("cxw:export-ready", () => { const button = document.getElementById("cxw-export"); if (button) button.hidden = false; });
  window.addEventListener("hashchange", () => {
    const code = known(hash().get("lang"));
    if (code && code !== language) speak(code);
    else swap(); // links lead to the company of the address
  });
  window.addEventListener("cxw:address", swap);

  window.cxw = {
    get language() { return language; },
    get theme() { return theme; },
    get dark() { return isDark(); },
    text: (key) => texts[language][key],
  };
  root.classList.add("cxw-root");
  root.lang = language;
  if (theme !== "auto") root.dataset.theme = theme;
  if (hash().get("lang") !== language) speak(language);
  // the page is parsed in parts, the first a moment after this script: texts are swapped before they are painted
  swap();
  let begun = false;
  const parsed = new MutationObserver(() => {
    swap();
    if (begun || !document.querySelector(".cxw-tools")?.nextElementSibling) return;
    begun = true;
    begin();
  });
  parsed.observe(root, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => {
    parsed.disconnect();
    if (!begun) begin();
    swap();
    // Voila puts the cells beside our frame: bring them into it, where landmarks and the skip link expect them
    const content = document.getElementById("cxw-content");
    new MutationObserver((_, observer) => {
      const cells = document.getElementById("main");
      if (!cells) return;
      observer.disconnect();
      content.append(cells);
      // they show once they speak the language of the address (url_state.js); if that takes too long, as they are
      setTimeout(() => { document.body.dataset.cxwHeard = ""; }, LATE_MS);
    }).observe(document.body, { childList: true });
  });
})();
