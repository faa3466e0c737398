"use strict";
/* What both kinds of page need. Text gets into the page as text nodes and attributes only. */
const report = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const listeners = [];
  let column = 0;

  function remembered() {
    try { return localStorage.getItem("wikifacts-language"); } catch { return null; }
  }

  function remember(language) {
    try { localStorage.setItem("wikifacts-language", language); } catch { /* a file may have no storage */ }
  }

  /** The interface text of a key; `{0}`, `{1}` are filled in. */
  function t(key, ...values) {
    const text = TEXTS[key] ? TEXTS[key][column] : key;
    return text.replace(/\{(\d)\}/g, (_, place) => values[place]);
  }

  /** The word for a value of a closed set; what has no word stays as it is. */
  const word = value => (TEXTS["v." + value] ? t("v." + value) : String(value));

  /** A new element. Attributes that are null or false are left out, functions are listeners. */
  function el(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (typeof value === "function") made.addEventListener(name, value);
      else made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== ""));
    return made;
  }

  function web(url, text) {
    return el("a", { href: url, rel: "noreferrer noopener", target: "_blank" }, text);
  }

  function speak(language) {
    column = language === "en" ? 1 : 0;
    document.documentElement.lang = column ? "en" : "zh-Hant";
    const button = document.getElementById("language");
    button.textContent = column ? "中文" : "English";
    button.lang = column ? "zh-Hant" : "en";
    for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
    for (const node of document.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
    for (const listener of listeners) listener();
  }

  document.getElementById("language").addEventListener("click", () => {
    const language = column ? "zh" : "en";
    remember(language);
    speak(language);
  });

  /** Tabs by the pattern of WAI-ARIA: arrows move, one tab stop. Returns a function that opens one. */
  function tabs(opened) {
    const buttons = [...document.querySelectorAll('[role="tab"]')];
    function open(view) {
      for (const button of buttons) {
        const on = button.dataset.view === view;
        button.setAttribute("aria-selected", on);
        button.tabIndex = on ? 0 : -1;
      }
      document.body.dataset.view = view;
      opened(view);
    }
    for (const button of buttons) {
      button.addEventListener("click", () => open(button.dataset.view));
      button.addEventListener("keydown", event => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const shown = buttons.filter(one => one.offsetParent !== null);
        const next = shown[(shown.indexOf(button) + step + shown.length) % shown.length];
        next.focus();
        open(next.dataset.view);
        event.preventDefault();
      });
    }
    return open;
  }

  /** One tab stop for many things: arrows, Home and End move among those that `selector` finds. */
  function roving(box, selector) {
    box.addEventListener("keydown", event => {
      const all = [...box.querySelectorAll(selector)];
      const here = all.indexOf(event.target);
      if (here < 0) return;
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        event.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
        return;
      }
      const next = { ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
      if (next === undefined || !all[next]) return;
      event.preventDefault();
      event.target.setAttribute("tabindex", -1);
      all[next].setAttribute("tabindex", 0);
      all[next].focus();
    });
  }

  /** Make the first of `selector` in `box` the tab stop. */
  function stop(box, selector) {
    let first = true;
    for (const node of box.querySelectorAll(selector)) {
      node.setAttribute("tabindex", first ? 0 : -1);
      first = false;
    }
  }

  /** A sorter of cells: numbers by size, words by the language's order, nothing last. */
  const collator = new Intl.Collator(["zh-Hant", "en"], { numeric: true });
  function compare(a, b) {
    if (a === b) return 0;
    if (a === null || a === undefined) return 1;
    if (b === null || b === undefined) return -1;
    return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b);
  }

  /** The head of a table that sorts: `columns` are [key, is a number]; `state` is {by, down}. */
  function head(columns, state, changed) {
    return el("thead", {}, el("tr", {}, columns.map(([key, number], place) =>
      el("th", {
        scope: "col",
        class: number ? "n" : null,
        "aria-sort": state.by === place ? (state.down ? "descending" : "ascending") : null,
      }, el("button", {
        type: "button",
        click: () => {
          state.down = state.by === place ? !state.down : Boolean(number);
          state.by = place;
          changed(place);
        },
      }, t(key))))));
  }

  return {
    data, t, word, el, web, tabs, roving, stop, compare, head,
    onSpeak: listener => listeners.push(listener),
    start() {
      const languages = navigator.languages || [navigator.language || ""];
      speak(remembered() || (languages.length && !/^zh/i.test(languages[0]) ? "en" : "zh"));
    },
    take() {},
  };
})();
