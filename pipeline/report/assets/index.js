"use strict";
/* The index: long lists that show some hundred rows at a time, and fetch the rest when they are wanted. */
(() => {
  const { data, t, word, el, tabs, compare, head } = report;
  const $ = id => document.getElementById(id);
  const PAGE = 200;
  const count = number => number.toLocaleString("en");
  const SHARE = row => (row[3] + row[4] + row[5] ? row[7] / (row[3] + row[4] + row[5]) : null);

  function article(place, mention, title) {
    const row = data.articles[place];
    if (!row) return title || "—";
    return el("a", { href: `articles/${encodeURIComponent(row[0])}.html${mention ? `#m-${encodeURIComponent(mention)}` : ""}` }, row[1]);
  }

  const badge = (value, kind) => el("span", { class: `chip ${kind || ""}` }, word(value));

  /* A column: [key of its text, is a number, what to sort by, what to show, is a long text]. */
  const LISTS = {
    articles: [
      ["title", false, row => row[1], row => [article(data.articles.indexOf(row)), row[10] ? [" ", badge(t("stale"))] : null]],
      ["dates", true, row => row[3], row => count(row[3])],
      ["places", true, row => row[4], row => count(row[4])],
      ["numbers", true, row => row[5], row => count(row[5])],
      ["footnotes", true, row => row[6], row => count(row[6])],
      ["supported", true, SHARE, row => (SHARE(row) === null ? "—" : `${Math.round(100 * SHARE(row))} %`)],
      ["unresolved", true, row => row[8], row => count(row[8])],
      ["problems", true, row => row[9], row => count(row[9])],
      ["chars", true, row => row[2], row => count(row[2])],
    ],
    changes: [
      ["article", false, row => row[1], row => article(row[0], row[3] === "footnotes" ? null : row[7], row[1])],
      ["kind", false, row => word(row[2]), row => badge(row[2])],
      ["table", false, row => word(row[3]), row => badge(row[3], row[3])],
      ["field", false, row => row[4], row => row[4] || "—"],
      ["old", false, row => row[5], row => (row[5] === null ? "—" : el("del", {}, row[5]))],
      ["new", false, row => row[6], row => (row[6] === null ? "—" : el("ins", {}, row[6]))],
      ["sentence", false, row => row[9] || row[8], row => row[9] || row[8] || "—", true],
    ],
    unresolved: [
      ["article", false, row => (data.articles[row[0]] || [])[1], row => article(row[0], row[1])],
      ["text", false, row => row[2], row => el("span", { class: "chip dates" }, row[2])],
      ["sentence", false, row => row[3], row => row[3], true],
    ],
    problems: [
      ["severity", false, row => row[2], row => badge(row[2], row[2] === "error" ? "numbers" : "")],
      ["article", false, row => (data.articles[row[0]] || [])[1], row => article(row[0])],
      ["path", false, row => row[1], row => row[1]],
      ["code", false, row => row[3], row => row[3]],
      ["message", false, row => row[4], row => row[4], true],
      ["cure", false, row => row[5], row => row[5], true],
    ],
  };

  const lists = {};
  for (const [name, columns] of Object.entries(LISTS)) {
    const told = name === "articles" ? { rows: data.articles, chunks: 0, total: data.articles.length } : data.lists[name];
    lists[name] = { columns, rows: told.rows, total: told.total, chunks: told.chunks, taken: 0, shown: PAGE, sort: { by: -1 }, words: null, waiting: [] };
    $(`${name}-search`).addEventListener("input", () => {
      lists[name].shown = PAGE;
      whole(name, () => show(name));
    });
    $(`${name}-more`).addEventListener("click", () => {
      const list = lists[name];
      list.shown += PAGE;
      if (list.shown > list.rows.length && list.taken < list.chunks) fetchNext(name, () => show(name));
      else show(name);
    });
  }

  /* Rows beside the page come as scripts, the only thing that a page of a file may load. */
  function fetchNext(name, done) {
    const list = lists[name];
    list.waiting.push(done);
    if (list.waiting.length > 1) return;
    const script = el("script", { src: `data/${name}-${list.taken + 1}.js` });
    document.head.append(script);
  }
  report.take = (name, chunk, rows) => {
    const list = lists[name];
    list.rows = list.rows.concat(rows);
    list.taken = chunk;
    list.words = null;
    for (const done of list.waiting.splice(0)) done();
  };

  /** All rows of a list, for a search or a sort. */
  function whole(name, done) {
    if (lists[name].taken < lists[name].chunks) fetchNext(name, () => whole(name, done));
    else done();
  }

  function show(name) {
    const list = lists[name];
    const wanted = $(`${name}-search`).value.trim().toLowerCase();
    let found = list.rows;
    if (wanted) {
      list.words = list.words || list.rows.map(row =>
        row.map((cell, place) => (place === 0 && typeof cell === "number" ? (data.articles[cell] || [])[1] : typeof cell === "string" ? cell : "")).join(" ").toLowerCase());
      found = list.rows.filter((_, place) => list.words[place].includes(wanted));
    }
    if (list.sort.by >= 0) {
      const key = list.columns[list.sort.by][2];
      const sign = list.sort.down ? -1 : 1;
      found = found.map(row => [key(row), row]).sort((a, b) => sign * compare(a[0], b[0])).map(([, row]) => row);
    }
    const total = wanted ? found.length : list.total;
    $(`${name}-shown`).textContent = t("rows_of", count(Math.min(list.shown, total)), count(total));
    $(`${name}-more`).hidden = list.shown >= total;
    if (!found.length) {
      $(`${name}-rows`).replaceChildren(el("p", { class: "empty" }, t("nothing_shown")));
      return;
    }
    const again = place => whole(name, () => {
      show(name);
      $(`${name}-rows`).querySelectorAll("th button")[place].focus();
    });
    $(`${name}-rows`).replaceChildren(el("table", {}, head(list.columns, list.sort, again), el("tbody", {}, found.slice(0, list.shown).map(row =>
      el("tr", {}, list.columns.map(([, number, , what, long]) => el("td", { class: number ? "n" : long ? "long" : null }, what(row))))))));
  }

  const open = tabs(view => {
    for (const pane of document.querySelectorAll(".view")) pane.hidden = pane.id !== `view-${view}`;
    if (lists[view]) show(view);
  });
  let started = false;
  report.onSpeak(() => { if (started) for (const name of Object.keys(lists)) if (!$(`view-${name}`).hidden) show(name); });
  report.start();
  started = true;
  open("articles");
  document.documentElement.dataset.ready = "yes";
})();
