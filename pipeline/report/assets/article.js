"use strict";
/* An article: its marks, the card of a mention, timeline, map, tables, and how they point at each other. */
(() => {
  const { data, t, word, el, web, tabs, roving, stop, compare, head } = report;
  const { mentions, notes } = data;
  const $ = id => document.getElementById(id);
  const narrow = matchMedia("(max-width: 60rem)");
  const prose = $("view-prose");
  const marks = mentions.map(() => []);
  for (const mark of prose.querySelectorAll("mark")) {
    for (const index of mark.dataset.m.split(" ")) marks[index].push(mark);
  }
  const citing = notes.map(() => []);
  for (const marker of prose.querySelectorAll("a.note")) {
    if (marker.dataset.note !== "-1") citing[marker.dataset.note].push(marker);
  }
  const supported = notes.map(() => []);
  mentions.forEach((mention, index) => (mention.support || []).forEach(([note]) => supported[note].push(index)));

  const filter = { tables: new Set(["dates", "places", "numbers"]), kind: "", scope: "" };
  let visible = mentions.map(() => true);
  let selected = -1;
  let noted = -1;

  const kindOf = mention => mention.kind || mention.place_type;

  /** A value as a person reads it. */
  function shown(mention) {
    if (mention.table === "places") return mention.name;
    if (mention.table === "dates") return mention.value === undefined ? "?" : mention.value;
    const number = value => (value === undefined ? "" : value.toLocaleString("en", { maximumFractionDigits: 6 }));
    const amount = mention.value !== undefined ? number(mention.value)
      : number(mention.value_min) + (mention.kind === "ratio" ? " : " : "–") + number(mention.value_max);
    return [amount, mention.unit || mention.classifier || ""].join(" ").trim();
  }

  // ---------------------------------------------------------------- filters

  function matches(mention) {
    if (!filter.tables.has(mention.table)) return false;
    if (filter.kind && `${mention.table} ${kindOf(mention)}` !== filter.kind) return false;
    if (filter.scope === "none") return !mention.support;
    return !filter.scope || (mention.support || []).some(([, scope]) => scope === filter.scope);
  }

  function applyFilter() {
    visible = mentions.map(matches);
    for (const mark of prose.querySelectorAll("mark")) {
      const own = mark.dataset.m.split(" ").map(Number);
      const first = own.find(index => visible[index]);
      mark.className = first === undefined ? "off" : mentions[first].table;
      if (first === undefined) mark.removeAttribute("role");
      else mark.setAttribute("role", "button");
      if (first === undefined) mark.removeAttribute("tabindex");
    }
    stop(prose, "mark:not(.off)");
    $("shown").textContent = t("shown_of", visible.filter(Boolean).length, mentions.length);
    paint();
    draw();
  }

  function fillFilters() {
    const kinds = new Map();
    for (const mention of mentions) {
      if (!kinds.has(mention.table)) kinds.set(mention.table, new Set());
      kinds.get(mention.table).add(kindOf(mention));
    }
    $("kind").replaceChildren(
      el("option", { value: "" }, t("any")),
      ...["dates", "places", "numbers"].filter(table => kinds.has(table)).map(table =>
        el("optgroup", { label: t(table) }, [...kinds.get(table)].sort().map(kind =>
          el("option", { value: `${table} ${kind}` }, word(kind))))));
    $("kind").value = filter.kind;
    $("scope").replaceChildren(
      el("option", { value: "" }, t("any")),
      ...["clause", "sentence", "paragraph", "none"].map(scope => el("option", { value: scope }, word(scope))));
    $("scope").value = filter.scope;
  }

  for (const box of document.querySelectorAll("[data-table]")) {
    box.addEventListener("change", () => {
      filter.tables[box.checked ? "add" : "delete"](box.dataset.table);
      applyFilter();
    });
  }
  $("kind").addEventListener("change", event => { filter.kind = event.target.value; applyFilter(); });
  $("scope").addEventListener("change", event => { filter.scope = event.target.value; applyFilter(); });

  // ------------------------------------------------------------- selection

  /** Show what is selected, wherever it is drawn. */
  function paint() {
    for (const node of document.querySelectorAll(".on, .lit, .here")) node.classList.remove("on", "lit", "here");
    for (const row of document.querySelectorAll('[aria-current="true"]')) row.removeAttribute("aria-current");
    if (selected >= 0) {
      for (const mark of marks[selected]) mark.classList.add("on");
      if (marks[selected][0]) marks[selected][0].closest(".s").classList.add("here");
      const key = rowKey(mentions[selected], selected);
      for (const node of document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)) {
        node.classList.add("on");
        if (node.tagName === "TR") node.setAttribute("aria-current", "true");
      }
    }
    if (noted >= 0) {
      for (const marker of citing[noted]) marker.classList.add("on");
      for (const index of supported[noted]) for (const mark of marks[index]) mark.classList.add("lit");
      const item = $(`note-${noted}`);
      if (item) item.classList.add("on");
    }
  }

  /** Places share a row; dates and numbers have one each. */
  const rowKey = (mention, index) => (mention.table === "places" ? `p:${mention.place_id}` : `m:${index}`);

  function toText(index) {
    if (!marks[index][0]) return;
    if (narrow.matches) open("prose");
    marks[index][0].scrollIntoView({ block: "center" });
  }

  function toRow(index) {
    open(mentions[index].table);
    const row = document.querySelector(`tr[data-key="${CSS.escape(rowKey(mentions[index], index))}"]`);
    if (row) row.scrollIntoView({ block: "center" });
  }

  /** Select a mention from the text (`"text"`: its row is shown) or from a pane (its text is). */
  function select(index, from) {
    selected = index;
    noted = -1;
    if (from === "text") {
      if (!narrow.matches) toRow(index);
    } else toText(index);
    paint();
    if (marks[index][0]) showCard([index], marks[index][0], true);
  }

  function selectNote(index, from) {
    selected = -1;
    noted = index;
    hideCard(true);
    if (from === "text") {
      open("notes");
      const item = $(`note-${index}`);
      if (item) item.scrollIntoView({ block: "center" });
    } else {
      const first = citing[index][0] || (supported[index].length ? marks[supported[index][0]][0] : null);
      if (first) {
        if (narrow.matches) open("prose");
        first.scrollIntoView({ block: "center" });
      }
    }
    paint();
  }

  // ------------------------------------------------------------------ card

  const card = $("card");
  let pinned = false;
  let timer = 0;

  function facts(mention) {
    const ends = [mention.start_date, mention.end_date];
    const days = ends[0] === ends[1] ? ends[0] : ends.map(day => day || "…").join(" – ");
    const anchor = mention.anchor === undefined ? null
      : el("button", { type: "button", class: "chip dates", click: () => select(mention.anchor, "pane") },
        `${mentions[mention.anchor].text} = ${shown(mentions[mention.anchor])}`);
    const facts = [
      ["value", shown(mention)],
      ["modifier", mention.modifier && word(mention.modifier)],
      ["days", days],
      ["precision", mention.precision && word(mention.precision)],
      ["calendar", mention.calendar === "gregorian" ? null : mention.calendar],
      ["counted", mention.counted],
      ["si", mention.si_value === undefined ? null : `${mention.si_value.toLocaleString("en", { maximumSignificantDigits: 8 })} ${mention.si_unit || ""}`],
      ["coordinates", mention.latitude === undefined ? null : `${mention.latitude.toFixed(3)}, ${mention.longitude.toFixed(3)}`],
      ["country", mention.country_code],
      ["link", mention.link_target],
      ["resolution", mention.resolution && word(mention.resolution)],
      ["anchor", anchor],
      ["rule", mention.rule],
      ["confidence", mention.confidence.toFixed(2)],
      ["offsets", `${mention.raw[0]}–${mention.raw[1]}`],
    ];
    return facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  }

  function noteWords(note) {
    return note.title || note.text || t("empty_note");
  }

  function about(index) {
    const mention = mentions[index];
    return el("article", {},
      el("h3", {}, mention.text, el("span", { class: `chip ${mention.table}` }, `${t(mention.table)} · ${word(kindOf(mention))}`)),
      el("dl", {}, facts(mention).map(([key, value]) => [el("dt", {}, t(key)), el("dd", {}, value)])),
      mention.support
        ? el("ul", {}, mention.support.map(([at, scope]) => el("li", {},
          el("button", { type: "button", class: "chip", click: () => selectNote(at, "text") }, `[${notes[at].number}]`),
          el("span", { class: "soft" }, word(scope) + "　"),
          notes[at].url ? web(notes[at].url, noteWords(notes[at])) : noteWords(notes[at]))))
        : el("p", { class: "soft" }, t("no_notes")));
  }

  /** The card of mentions, beside `at`. A pinned one stays till it is closed. */
  function showCard(indexes, at, pin) {
    clearTimeout(timer);
    pinned = pin;
    card.replaceChildren(...indexes.map(about), el("div", { class: "buttons" },
      narrow.matches ? el("button", { type: "button", click: () => { hideCard(true); toRow(indexes[0]); paint(); } }, t("to_row")) : null,
      pin ? el("button", { type: "button", click: () => hideCard(true) }, t("close")) : null));
    card.hidden = false;
    if (narrow.matches) {
      // The card lies over the lower half; the mark it is about shall not be under it.
      if (at.getBoundingClientRect().bottom > card.getBoundingClientRect().top) {
        prose.scrollBy({ top: at.getBoundingClientRect().bottom - card.getBoundingClientRect().top + 24 });
      }
      return;
    }
    const box = at.getBoundingClientRect();
    const below = box.bottom + 8 + card.offsetHeight < innerHeight;
    card.style.left = `${Math.max(12, Math.min(box.left, innerWidth - card.offsetWidth - 12))}px`;
    card.style.top = `${below ? box.bottom + 8 : Math.max(12, box.top - card.offsetHeight - 8)}px`;
  }

  function hideCard(even) {
    if (pinned && !even) return;
    card.hidden = true;
    pinned = false;
  }

  const own = mark => mark.dataset.m.split(" ").map(Number).filter(index => visible[index]);
  const soon = (what, wait) => { clearTimeout(timer); timer = setTimeout(what, wait); };

  prose.addEventListener("pointerover", event => {
    const mark = event.target.closest("mark:not(.off)");
    if (mark && !pinned && event.pointerType === "mouse") soon(() => showCard(own(mark), mark, false), 120);
  });
  prose.addEventListener("pointerout", event => {
    if (event.target.closest("mark")) soon(() => hideCard(false), 250);
  });
  card.addEventListener("pointerenter", () => clearTimeout(timer));
  card.addEventListener("pointerleave", () => soon(() => hideCard(false), 250));
  prose.addEventListener("focusin", event => {
    const mark = event.target.closest("mark:not(.off)");
    if (mark && !pinned && mark.matches(":focus-visible")) showCard(own(mark), mark, false);
  });
  prose.addEventListener("click", event => {
    const marker = event.target.closest("a.note");
    if (marker) {
      event.preventDefault();
      if (marker.dataset.note !== "-1") selectNote(Number(marker.dataset.note), "text");
      return;
    }
    const mark = event.target.closest("mark:not(.off)");
    if (!mark) return hideCard(true);
    const indexes = own(mark);
    select(indexes[0], "text");
    showCard(indexes, mark, true);
  });
  prose.addEventListener("scroll", () => hideCard(false));
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape") return;
    hideCard(true);
    selected = noted = -1;
    paint();
  });
  roving(prose, "mark:not(.off)");

  // ---------------------------------------------------------------- tables

  function chip(index) {
    return el("button", {
      type: "button", class: `chip ${mentions[index].table}${visible[index] ? "" : " off"}`, click: () => select(index, "pane"),
    }, mentions[index].text);
  }

  function noteNumbers(mention) {
    return (mention.support || []).map(([at, scope]) =>
      el("button", { type: "button", class: "chip", title: word(scope), click: () => selectNote(at, "text") }, `[${notes[at].number}]`));
  }

  /** A table of rows {key, cells, go}; a cell is [what to sort by, what to show]. */
  function rows(box, columns, found, state, changed) {
    if (!found.length) {
      box.replaceChildren(el("p", { class: "empty" }, t("nothing_shown")));
      return;
    }
    if (state.by >= 0) {
      const sign = state.down ? -1 : 1;
      found.sort((a, b) => sign * compare(a.cells[state.by][0], b.cells[state.by][0]));
    }
    const again = place => { changed(); box.querySelectorAll("th button")[place].focus(); };
    box.replaceChildren(el("table", {}, head(columns, state, again), el("tbody", {}, found.map(({ key, cells, go }) =>
      el("tr", { "data-key": key, click: event => { if (!event.target.closest("button, a")) go(); } },
        cells.map(([, what], place) => el("td", { class: columns[place][1] ? "n" : null },
          place ? what : el("button", { type: "button", class: "link", click: go }, what))))))));
  }

  const sorted = { dates: { by: -1 }, places: { by: 2, down: true }, numbers: { by: -1 } };

  function dateRows() {
    const found = mentions.flatMap((mention, index) => mention.table !== "dates" || !visible[index] ? [] : [{
      key: rowKey(mention, index),
      go: () => select(index, "pane"),
      cells: [[mention.text, mention.text], [mention.start_date || mention.value, shown(mention)],
        [word(mention.kind), word(mention.kind)], [word(mention.resolution), word(mention.resolution)],
        [(mention.support || []).length, noteNumbers(mention)]],
    }]);
    rows($("dates-rows"), [["text"], ["value"], ["kind"], ["resolution"], ["footnotes"]], found, sorted.dates, () => { dateRows(); paint(); });
  }

  const turns = new Map();

  /** Go to the next mention of a place. */
  function goPlace(id, own) {
    const turn = (turns.has(id) ? turns.get(id) + 1 : 0) % own.length;
    turns.set(id, turn);
    select(own[turn], "pane");
  }

  function placesShown() {
    const found = new Map();
    mentions.forEach((mention, index) => {
      if (mention.table !== "places" || !visible[index]) return;
      if (!found.has(mention.place_id)) found.set(mention.place_id, []);
      found.get(mention.place_id).push(index);
    });
    return found;
  }

  function placeRows() {
    const found = [...placesShown()].map(([id, own]) => {
      const mention = mentions[own[0]];
      return {
        key: `p:${id}`,
        go: () => goPlace(id, own),
        cells: [[mention.name, mention.name], [word(mention.place_type), word(mention.place_type)], [own.length, String(own.length)],
          [mention.country_code, mention.country_code || "—"],
          [word(mention.resolution), word(mention.resolution)]],
      };
    });
    rows($("places-rows"), [["name"], ["kind"], ["mentions", true], ["country"], ["resolution"]], found, sorted.places, () => { placeRows(); paint(); });
  }

  function numberRows() {
    const wanted = $("numbers-search").value.trim().toLowerCase();
    const found = mentions.flatMap((mention, index) => {
      if (mention.table !== "numbers" || !visible[index]) return [];
      const words = [mention.text, shown(mention), word(mention.kind), mention.counted || "", mention.unit || ""];
      if (wanted && !words.join(" ").toLowerCase().includes(wanted)) return [];
      return [{
        key: rowKey(mention, index),
        go: () => select(index, "pane"),
        cells: [[mention.text, mention.text],
          [mention.value !== undefined ? mention.value : mention.value_min, shown(mention)],
          [mention.counted, mention.counted || "—"], [word(mention.kind), word(mention.kind)],
          [(mention.support || []).length, noteNumbers(mention)]],
      }];
    });
    rows($("numbers-rows"), [["text"], ["value", true], ["counted"], ["kind"], ["footnotes"]], found, sorted.numbers, () => { numberRows(); paint(); });
  }
  $("numbers-search").addEventListener("input", () => { numberRows(); paint(); });

  function noteRows() {
    const item = (note, index) => el("li", { id: `note-${index}` },
      el("button", { type: "button", class: "number", click: () => selectNote(index, "pane") }, `[${note.number}]`),
      el("div", {},
        el("div", {}, note.url ? web(note.url, noteWords(note)) : noteWords(note), note.archive_url ? [" · ", web(note.archive_url, t("archive"))] : null),
        el("div", { class: "soft" }, [word(note.kind), note.footnote_group, t("cited", note.citation_count),
          t("supports", supported[index].length), note.target === undefined ? null : t("short_for", notes[note.target].number)].filter(Boolean).join(" · ")),
        el("div", {}, supported[index].map(chip))));
    const lists = [["supporting", index => supported[index].length], ["supports_nothing", index => !supported[index].length]];
    $("notes-rows").replaceChildren(...lists.flatMap(([key, wanted]) => {
      const found = notes.map((note, index) => (wanted(index) ? item(note, index) : null)).filter(Boolean);
      return [el("h2", {}, `${t(key)} (${found.length})`), el("ul", { class: "notes" }, found)];
    }));
  }

  // -------------------------------------------------------------- timeline

  const DAY = 86400000;
  const svgOf = (box, height) => d3.select(box).html(null).append("svg").attr("height", height)
    .attr("role", "group").attr("aria-label", t(box.id === "map" ? "view_places" : "view_dates"));
  const wheel = event => (event.type === "wheel" ? event.ctrlKey || event.metaKey : !event.button);

  function utc(text) {
    const [, sign, year, month, day] = /^(-?)(\d{4,})-(\d\d)-(\d\d)$/.exec(text);
    const date = new Date(0);
    date.setUTCFullYear(Number(sign + year), month - 1, day);
    return date;
  }

  /** First and last moment of a date; years outside the calendar columns are read off the value. An open end is not drawn. */
  function extent(mention) {
    const first = mention.start_date || mention.end_date;
    if (first) return [utc(first), new Date(utc(mention.end_date || first).getTime() + DAY)];
    const year = /^(-?\d{4,6})(?:-\d\d)*$/.exec(mention.value || "");
    if (!year || Math.abs(year[1]) > 200000) return null;
    const from = new Date(0);
    from.setUTCFullYear(Number(year[1]), 0, 1);
    const to = new Date(0);
    to.setUTCFullYear(Number(year[1]) + 1, 0, 1);
    return [from, to];
  }

  function tick(date) {
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    const two = number => String(number).padStart(2, "0");
    if (day > 1) return `${two(month)}-${two(day)}`;
    return month > 1 ? `${year}-${two(month)}` : String(year);
  }

  let timeline = null;

  function drawTimeline() {
    const box = $("timeline");
    const width = box.clientWidth;
    if (!width) return;
    const bars = mentions.flatMap((mention, index) => {
      const span = mention.table === "dates" && visible[index] ? extent(mention) : null;
      return span ? [{ index, from: span[0], to: span[1], mention }] : [];
    }).sort((a, b) => a.from - b.from || b.to - a.to || a.index - b.index);
    if (!bars.length) {
      box.replaceChildren(el("p", { class: "empty" }, t("no_dates")));
      timeline = null;
      return;
    }
    const first = Number(bars[0].from);
    const last = Math.max(...bars.map(bar => Number(bar.to)));
    const pad = Math.max((last - first) * .03, DAY);
    const scale = d3.scaleUtc([new Date(first - pad), new Date(last + pad)], [8, width - 8]);
    const svg = svgOf(box, 100);
    const axis = svg.append("g");
    const marksLayer = svg.append("g");
    const nodes = marksLayer.selectAll("rect").data(bars).join("rect")
      .attr("class", bar => `bar ${bar.mention.precision || bar.mention.kind}`)
      .attr("data-key", bar => rowKey(bar.mention, bar.index))
      .attr("role", "button").attr("tabindex", -1).attr("rx", 2)
      .attr("aria-label", bar => `${bar.mention.text} = ${shown(bar.mention)}`)
      .on("click", (event, bar) => select(bar.index, "pane"));
    nodes.append("title").text(bar => `${bar.mention.text} = ${shown(bar.mention)}`);
    function place(transform) {
      const x = transform.rescaleX(scale);
      const ends = [];
      for (const bar of bars) {
        bar.x = x(bar.from);
        bar.w = Math.max(5, x(bar.to) - bar.x);
        if (bar.x > width || bar.x + bar.w < 0) { bar.lane = 0; continue; }
        let lane = ends.findIndex(end => end + 2 <= bar.x);
        if (lane < 0) lane = ends.length;
        ends[lane] = bar.x + bar.w;
        bar.lane = lane;
      }
      const step = Math.max(5, Math.min(13, 260 / Math.max(ends.length, 1)));
      const height = 34 + step * Math.max(ends.length, 6);
      svg.attr("height", height);
      // A bar of centuries seen from close by would be longer than can be drawn.
      nodes.attr("x", bar => Math.max(-50, bar.x)).attr("y", bar => 28 + step * bar.lane).attr("height", step - 1.5)
        .attr("width", bar => Math.max(1, Math.min(width + 50, bar.x + bar.w) - Math.max(-50, bar.x)));
      const ticks = x.ticks(Math.max(3, Math.floor(width / 90)));
      axis.selectAll("line").data(ticks).join("line").attr("class", "grid").attr("x1", x).attr("x2", x).attr("y1", 22).attr("y2", height);
      axis.selectAll("text").data(ticks).join("text").attr("x", x).attr("y", 16).text(tick)
        .attr("text-anchor", date => (x(date) < 24 ? "start" : x(date) > width - 24 ? "end" : "middle"));
    }
    const zoom = d3.zoom().scaleExtent([1, Math.max(1, (last - first) / DAY / 4)]).translateExtent([[0, 0], [width, 1]])
      .extent([[0, 0], [width, 1]]).filter(wheel).on("zoom", event => place(event.transform));
    svg.call(zoom);
    timeline = { svg, zoom, home: d3.zoomIdentity };
    place(d3.zoomIdentity);
    stop(box, ".bar");
  }
  roving($("timeline"), ".bar");

  // ------------------------------------------------------------------- map

  let map = null;
  const countries = d3.feature(WORLD, WORLD.objects.countries);

  function drawMap() {
    const box = $("map");
    const width = box.clientWidth;
    if (!width) return;
    const height = Math.round(Math.min(width * .62, innerHeight * .46));
    const points = [...placesShown()].flatMap(([id, own]) => {
      const at = mentions[own.find(index => mentions[index].latitude !== undefined)];
      return at ? [{ id, own, name: at.name, lonlat: [at.longitude, at.latitude] }] : [];
    }).sort((a, b) => b.own.length - a.own.length || compare(a.name, b.name));
    const middle = points.length ? points.map(point => point.lonlat[0]).sort((a, b) => a - b)[points.length >> 1] : 0;
    const projection = d3.geoNaturalEarth1().rotate([-middle, 0]).fitSize([width, height], { type: "Sphere" });
    const svg = svgOf(box, height);
    const land = svg.append("g");
    const path = d3.geoPath(projection);
    land.selectAll("path").data(countries.features).join("path").attr("class", "country").attr("d", path);
    for (const point of points) point.at = projection(point.lonlat);
    const radius = d3.scaleSqrt([1, Math.max(2, ...points.map(point => point.own.length))], [4, 15]);
    const nodes = svg.append("g").selectAll("circle").data(points).join("circle")
      .attr("class", "point").attr("data-key", point => `p:${point.id}`).attr("role", "button").attr("tabindex", -1)
      .attr("r", point => radius(point.own.length))
      .attr("aria-label", point => `${point.name} (${point.own.length})`)
      .on("click", (event, point) => goPlace(point.id, point.own));
    nodes.append("title").text(point => `${point.name} (${point.own.length})`);
    const names = svg.append("g").attr("aria-hidden", "true").selectAll("text").data(points).join("text").attr("class", "place").text(point => point.name);
    function place(transform) {
      land.attr("transform", transform);
      const taken = [];
      nodes.attr("cx", point => transform.applyX(point.at[0])).attr("cy", point => transform.applyY(point.at[1]));
      names.each(function (point) {
        const [middle, away, long] = [transform.applyX(point.at[0]), radius(point.own.length) + 3, 12 * point.name.length];
        // Beside its point: to the right, or to the left where the map ends.
        const x = middle + away + long + 4 > width ? middle - away - long : middle + away;
        const y = transform.applyY(point.at[1]) + 4;
        const own = [x, y - 12, x + long, y + 3];
        const free = x > 0 && middle < width && y > 0 && y < height
          && taken.every(other => own[0] > other[2] || own[2] < other[0] || own[1] > other[3] || own[3] < other[1]);
        if (free) taken.push(own);
        this.setAttribute("x", x);
        this.setAttribute("y", y);
        this.setAttribute("visibility", free ? "visible" : "hidden");
      });
    }
    const zoom = d3.zoom().scaleExtent([1, 60]).translateExtent([[0, 0], [width, height]]).filter(wheel).on("zoom", event => place(event.transform));
    /** The view of all mentions but `share` of them at each side. */
    function fit(share) {
      const [[left, right], [top, bottom]] = [0, 1].map(axis => {
        const along = points.flatMap(point => point.own.map(() => point.at[axis])).sort((a, b) => a - b);
        const cut = Math.floor(along.length * share);
        return [along[cut], along[along.length - 1 - cut]];
      });
      const scale = Math.max(1, Math.min(12, .8 * width / Math.max(right - left, 1), .8 * height / Math.max(bottom - top, 1)));
      return d3.zoomIdentity.translate(width / 2, height / 2).scale(scale).translate(-(left + right) / 2, -(top + bottom) / 2);
    }
    if (!points.length) box.append(el("p", { class: "empty" }, t("no_place_points")));
    svg.call(zoom).call(zoom.transform, points.length ? fit(.06) : d3.zoomIdentity);
    map = { svg, zoom, home: points.length ? fit(0) : d3.zoomIdentity };
    stop(box, ".point");
  }
  roving($("map"), ".point");

  for (const [view, chart] of [["view-dates", () => timeline], ["view-places", () => map]]) {
    for (const button of $(view).querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => {
        const drawn = chart();
        if (!drawn) return;
        if (button.dataset.zoom === "all") drawn.svg.call(drawn.zoom.transform, drawn.home);
        else drawn.svg.call(drawn.zoom.scaleBy, button.dataset.zoom === "in" ? 1.8 : 1 / 1.8);
      });
    }
  }

  // ------------------------------------------------------------------ start

  const drawers = {
    dates: () => { drawTimeline(); dateRows(); }, places: () => { drawMap(); placeRows(); }, numbers: numberRows, notes: noteRows, prose: () => {},
  };
  let view = "dates";
  const drawn = new Set();

  /** A pane is drawn when it is first seen after something changed. */
  function drawIfNeeded() {
    if (drawn.has(view)) return;
    drawn.add(view);
    drawers[view]();
  }

  function draw() {
    drawn.clear();
    drawIfNeeded();
    paint();
  }

  const open = tabs(opened => {
    view = opened;
    for (const pane of document.querySelectorAll(".side .view")) pane.hidden = pane.id !== `view-${view}`;
    if (view !== "prose") hideCard(true);
    drawIfNeeded();
    paint();
  });

  function settle() {
    if (narrow.matches) open("prose");
    else if (view === "prose") open("dates");
    draw();
  }
  narrow.addEventListener("change", settle);
  let resizing = 0;
  addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(draw, 150); });

  report.onSpeak(() => { fillFilters(); applyFilter(); hideCard(true); });
  open(narrow.matches ? "prose" : "dates");
  report.start();
  const asked = location.hash.startsWith("#m-") ? mentions.findIndex(mention => mention.id === location.hash.slice(3)) : -1;
  if (asked >= 0) {
    select(asked, "text");
    marks[asked][0].scrollIntoView({ block: "center" });
    showCard([asked], marks[asked][0], true);
  }
  document.documentElement.dataset.ready = "yes";
})();
