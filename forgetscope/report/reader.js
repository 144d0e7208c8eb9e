/* Read items: a list with filters, and the chosen one beside it. Texts are unpacked when they are
   needed and reach the page as text nodes only; every number in them was written in Python. */
(() => {
  const byId = (id) => document.getElementById(id);
  const list = byId("list"), detail = byId("detail"), count = byId("count"), search = byId("search");
  const ROW = 62;            // pixels of one list row, as the style sheet has them
  const KEPT_BLOCKS = 160;   // blocks that stay unpacked
  const scripts = document.getElementsByClassName("items-block");

  /* nodes ------------------------------------------------------------------------------- */
  const node = (tag, name, ...children) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...children);
    return made;
  };
  const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\u{d800}-\u{dfff}\u{e0000}-\u{e0fff}]/gu;
  const SHORT = { 0: "NUL", 7: "BEL", 8: "BS", 13: "CR", 27: "ESC", 127: "DEL" };
  const badge = (sign) => {
    const code = sign.codePointAt(0);
    return node("span", "badge", SHORT[code] || "U+" + code.toString(16).toUpperCase().padStart(4, "0"));
  };
  const pieces = (text, pattern, make) => {
    const parts = [];
    let from = 0;
    for (const found of text.matchAll(pattern)) {
      parts.push(text.slice(from, found.index), make(found[0]));
      from = found.index + found[0].length;
    }
    parts.push(text.slice(from));
    return parts;
  };
  const visible = (text) => pieces(text.replace(/\r\n/g, "\n"), HIDDEN, badge).flatMap((part) => (
    state.found && typeof part === "string" ? pieces(part, state.found, (hit) => node("mark", "", hit)) : [part]));
  const box = (label, text) => {
    const made = node("div", "text", ...visible(text));
    made.dir = "auto";
    made.setAttribute("aria-label", label);
    return made;
  };
  const block = (heading, text) => [node("h3", "", heading), box(heading, text)];

  /* data -------------------------------------------------------------------------------- */
  const bytesOf = (text) => {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const letters = atob(text), bytes = new Uint8Array(letters.length);
    for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at);
    return bytes;
  };
  const unpack = (script) => {
    const stream = new Blob([bytesOf(script.textContent)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  };
  const state = { index: null, turn: 0, domain: "", task: "", failure: "", query: "", found: null, shown: [], at: -1 };
  const blocks = new Map();
  const textsIn = (number) => {
    if (!blocks.has(number)) {
      blocks.set(number, unpack(scripts[number]));
      if (blocks.size > KEPT_BLOCKS) blocks.delete(blocks.keys().next().value);
    }
    return blocks.get(number);
  };
  const textsOf = async (place) => (await textsIn(Math.floor(place / state.index.blockItems)))[place % state.index.blockItems];
  const placeOf = (key) => (key ? state.index.rows.findIndex((row) => row[0] === key) : -1);

  /* filters ----------------------------------------------------------------------------- */
  const passes = ([, domain, task, turn, , failure]) => {
    if (state.turn >= 0 && turn !== state.turn) return false;
    if (state.domain && domain !== Number(state.domain)) return false;
    if (state.task && task !== Number(state.task)) return false;
    if (state.failure === "form" || state.failure === "answer") {
      return failure >= 0 && state.index.failures[failure][1] === Number(state.failure === "form");
    }
    return !state.failure || failure === Number(state.failure);
  };
  const contains = (row, [prompt, gold, options, before, after]) => {
    const asked = [row[0], state.index.heads[row[7]], prompt, gold, ...options.map((option) => option[0])];
    const texts = byId("in-answers").checked ? [...asked, before, after] : asked;
    return texts.some((text) => text.toLowerCase().includes(state.query));
  };
  const told = (n) => n.toLocaleString("en") + (n === 1 ? " item" : " items");
  /* so that a search unpacks each block once */
  const byBlock = (places) => {
    const groups = new Map();
    for (const place of places) {
      const number = Math.floor(place / state.index.blockItems);
      if (!groups.has(number)) groups.set(number, []);
      groups.get(number).push(place);
    }
    return groups;
  };
  let pass = 0;
  const filter = async (wanted = "") => {
    const mine = ++pass;
    const { rows, blockItems } = state.index;
    const kept = [];
    rows.forEach((row, place) => { if (passes(row)) kept.push(place); });
    state.at = -1;
    if (!state.query) {
      show(kept);
      return choose(Math.max(kept.indexOf(placeOf(wanted)), 0), Boolean(wanted));
    }
    const found = [];
    let drawn = performance.now();
    show(found, true);
    for (const [number, places] of byBlock(kept)) {
      const texts = await textsIn(number);
      if (mine !== pass) return undefined;
      found.push(...places.filter((place) => contains(rows[place], texts[place % blockItems])));
      if (performance.now() - drawn < 250) continue;
      drawn = performance.now();
      show(found, true);
      if (state.at < 0 && found.length) choose(0, false);
    }
    show(found);
    return state.at < 0 ? choose(0, false) : undefined;
  };
  const show = (places, isSearching = false) => {
    if (places !== state.shown) list.scrollTop = 0;
    state.shown = places;
    count.textContent = isSearching ? told(places.length) + " so far" : told(places.length);
    draw();
  };

  /* list -------------------------------------------------------------------------------- */
  const KINDS = { 1: ["right", "right"], 0: ["wrong", "wrong"], h: ["half", "partly right"], "-": ["absent", "not evaluated"] };
  const squares = (outcomes) => {
    const row = node("span", outcomes.length > 16 ? "squares many" : "squares");
    const words = [...outcomes].map((sign, place) => {
      row.append(node("i", KINDS[sign][0]));
      return state.index.checkpoints[place] + ": " + KINDS[sign][1];
    });
    row.title = words.join(", ");
    row.setAttribute("role", "img");
    row.setAttribute("aria-label", row.title);
    return row;
  };
  const tabOf = (turn) => document.querySelector('[data-turn="' + turn + '"]').dataset;
  const entry = (at) => {
    const [key, domain, , turn, outcomes, , preview] = state.index.rows[state.shown[at]];
    const { tone, glyph, word } = tabOf(turn);
    const sign = node("i", "turn tone-" + tone, glyph), trail = squares(outcomes);
    /* where there is no room for the name, its number stays */
    const cut = key.lastIndexOf("-");
    const name = node("b", "", node("span", "stem", key.slice(0, cut)), key.slice(cut));
    const about = node("div", "about", sign, name, node("span", "", state.index.domains[domain]), trail);
    const made = node("div", "entry", about, node("div", "preview", ...visible(preview)));
    made.style.top = at * ROW + "px";
    made.id = "entry-" + at;
    made.dataset.at = at;
    made.setAttribute("role", "option");
    made.setAttribute("aria-label", [word, key, state.index.domains[domain], trail.title, preview].join(", "));
    made.setAttribute("aria-selected", String(at === state.at));
    made.setAttribute("aria-setsize", state.shown.length);
    made.setAttribute("aria-posinset", at + 1);
    return made;
  };
  const draw = () => {
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 8);
    const last = Math.min(state.shown.length, first + Math.ceil(list.clientHeight / ROW) + 16);
    const spacer = node("div");
    spacer.setAttribute("role", "presentation");
    spacer.style.height = state.shown.length * ROW + "px";
    const entries = [];
    for (let at = first; at < last; at += 1) entries.push(entry(at));
    list.replaceChildren(spacer, ...entries);
    if (state.at >= first && state.at < last) list.setAttribute("aria-activedescendant", "entry-" + state.at);
    else list.removeAttribute("aria-activedescendant");
  };

  /* the chosen item --------------------------------------------------------------------- */
  const SAID = { 1: "✓ right", 0: "× wrong", h: "½ partly right", "-": "not evaluated" };
  const outcome = (sign) => node("span", sign === "1" ? "outcome tone-gain" : "outcome tone-loss", SAID[sign]);
  const answer = (label, text, read, sign) => {
    const side = node("div", sign === "1" ? "tone-gain" : "tone-loss");
    const [heading, shown] = block(label, text);
    heading.append(outcome(sign));
    side.append(heading, shown);
    if (read && read !== text) side.append(node("small", "", "read as: ", ...visible(read)));
    return side;
  };
  const probability = (share, isChosen) => {
    const cell = node("td", isChosen ? "chosen" : "");
    if (share) {
      const fill = node("i");
      fill.style.width = share + "%";
      cell.append(node("span", "share", share + " %"), node("span", "track", fill));
    }
    if (isChosen) cell.append(node("span", "chip", "chosen"));
    return cell;
  };
  const optionTable = (options, labels, signs) => {
    const heads = labels.map((label, side) => {
      const head = node("th", "", label, outcome(signs[side]));
      head.scope = "col";
      return head;
    });
    const first = node("th", "", "Options, with their probability");
    first.scope = "col";
    const rows = options.map(([text, before, after, isGold, wasChosen, isChosen]) => {
      const name = node("th", "", node("span", "option", ...visible(text)));
      name.scope = "row";
      if (isGold) name.append(node("span", "chip", "✓ right answer"));
      return node("tr", isGold ? "gold" : "", name, probability(before, wasChosen), probability(after, isChosen));
    });
    return node("table", "options", node("thead", "", node("tr", "", first, ...heads)), node("tbody", "", ...rows));
  };
  const headOf = (row) => {
    const [key, domain, task, turn, outcomes, failure] = row;
    const { tone, glyph, word } = tabOf(turn);
    const where = [node("span", "", state.index.domains[domain] + " › " + state.index.tasks[task])];
    if (failure >= 0) {
      const [name, isForm] = state.index.failures[failure];
      where.push(node("span", isForm ? "why form" : "why", (isForm ? "form: " : "answer: ") + name));
    }
    return node("div", "about", node("b", "", key), node("span", "verdict tone-" + tone, glyph + " " + word), ...where, squares(outcomes));
  };
  const bodyOf = (row, [prompt, gold, options, before, after, beforeRead, afterRead]) => {
    const head = state.index.heads[row[7]], outcomes = row[4], names = state.index.checkpoints;
    const labels = ["Before · " + names[0], "After · " + names[names.length - 1]];
    const signs = [outcomes[0], outcomes[outcomes.length - 1]];
    const parts = [];
    if (head) {
      const title = "Beginning shared by all prompts of this task";
      parts.push(node("details", "", node("summary", "", title), box(title, head)));
    }
    parts.push(...block("Prompt", prompt));
    if (!options.some((option) => option[3])) parts.push(...block("Right answer", gold));
    if (options.length) parts.push(optionTable(options, labels, signs));
    else parts.push(node("div", "pair", answer(labels[0], before, beforeRead, signs[0]), answer(labels[1], after, afterRead, signs[1])));
    return parts;
  };
  /* a box that scrolls must be reached by keyboard; one that does not is no stop */
  const openBoxes = () => {
    for (const text of detail.querySelectorAll(".text")) {
      if (text.scrollHeight <= text.clientHeight) { text.removeAttribute("aria-label"); continue; }
      text.tabIndex = 0;
      text.setAttribute("role", "region");
    }
  };
  const choose = async (at, follow) => {
    const { index, shown } = state;
    state.at = Math.max(0, Math.min(at, shown.length - 1));
    const top = state.at * ROW;
    if (follow && top < list.scrollTop) list.scrollTop = top;
    if (follow && top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
    draw();
    if (!shown.length) { detail.replaceChildren(node("p", "empty", "No item matches.")); return; }
    const place = shown[state.at], row = index.rows[place];
    const texts = await textsOf(place);
    if (place !== state.shown[state.at]) return;
    detail.replaceChildren(headOf(row), ...bodyOf(row, texts));
    detail.scrollTop = 0;
    openBoxes();
    if (follow) history.replaceState(null, "", "#item=" + encodeURIComponent(row[0]));
  };

  /* links and controls ------------------------------------------------------------------ */
  const linked = () => {
    if (!location.hash.startsWith("#item=")) return "";
    try { return decodeURIComponent(location.hash.slice(6)); } catch { return location.hash.slice(6); }
  };
  const setTurn = (turn) => {
    state.turn = turn;
    for (const tab of document.querySelectorAll("[data-turn]")) tab.setAttribute("aria-pressed", String(Number(tab.dataset.turn) === turn));
  };
  const setQuery = (text) => {
    state.query = text.trim().toLowerCase();
    state.found = state.query ? new RegExp(state.query.replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&"), "gi") : null;
  };
  const setDomain = (value) => {
    [state.domain, state.task] = [...value.split("/"), ""];
    byId("by-domain").value = value;
  };
  /* show a linked item whatever the filters are; say so where the page does not hold it */
  const goToLinked = async () => {
    const key = linked(), place = placeOf(key);
    if (place >= 0) {
      setTurn(state.index.rows[place][3]);
      setDomain("");
      byId("by-failure").value = state.failure = search.value = "";
      setQuery("");
    }
    await filter(place >= 0 ? key : "");
    if (key) byId("items").scrollIntoView();
    if (key && place < 0) detail.replaceChildren(node("p", "empty", "This page holds no item ", node("b", "", ...visible(key)), "."));
  };
  const group = (label, ...options) => {
    const made = node("optgroup", "", ...options);
    made.label = label;
    return made;
  };
  const fillFilters = () => {
    const { rows, domains, tasks, failures } = state.index;
    const inside = domains.map(() => new Set());
    for (const row of rows) inside[row[1]].add(row[2]);
    byId("by-domain").append(new Option("All domains", ""), ...domains.flatMap((name, domain) => [
      new Option(name, String(domain)),
      ...(inside[domain].size > 1 ? [...inside[domain]].map((task) => new Option("\u2003" + tasks[task], domain + "/" + task)) : []),
    ]));
    const kinds = [["The form broke", "form", 1], ["The answer changed", "answer", 0]].map(([label, value, isForm]) => group(
      label, new Option("any of these", value),
      ...failures.flatMap(([name, form], place) => (form === isForm ? [new Option(name, String(place))] : []))));
    byId("by-failure").append(new Option("Any failure", ""), ...kinds);
  };
  const listen = () => {
    let waiting;
    const later = () => { clearTimeout(waiting); waiting = setTimeout(() => { setQuery(search.value); filter(); }, 120); };
    byId("by-domain").addEventListener("change", (event) => { setDomain(event.target.value); filter(); });
    byId("by-failure").addEventListener("change", (event) => { state.failure = event.target.value; filter(); });
    search.addEventListener("input", later);
    byId("in-answers").addEventListener("change", later);
    for (const tab of document.querySelectorAll("[data-turn]")) {
      tab.addEventListener("click", () => { setTurn(Number(tab.dataset.turn)); filter(); });
    }
    for (const link of document.querySelectorAll("a[data-domain]")) {
      link.addEventListener("click", () => {
        const domain = state.index.domains.indexOf(link.dataset.domain);
        setDomain(domain < 0 ? "" : String(domain));
        filter();
      });
    }
    list.addEventListener("scroll", draw);
    new ResizeObserver(draw).observe(list);
    list.addEventListener("click", (event) => {
      const clicked = event.target.closest(".entry");
      if (clicked) choose(Number(clicked.dataset.at), true);
    });
    list.addEventListener("keydown", (event) => {
      const { at, shown } = state;
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 9, PageUp: at - 9, Home: 0, End: shown.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      choose(to, true);
    });
    window.addEventListener("hashchange", () => { if (linked()) goToLinked(); });
    document.addEventListener("pagekey", (event) => {
      if (event.detail === "/") { event.preventDefault(); search.focus(); }
      if (event.detail === "j") choose(state.at + 1, true);
      if (event.detail === "k") choose(state.at - 1, true);
    });
  };
  const open = async () => {
    state.index = await unpack(byId("items-index"));
    document.querySelector(".fallback").hidden = true;
    byId("reader").hidden = false;
    document.querySelector(".reader-keys").hidden = false;
    fillFilters();
    const { rows } = state.index;
    setTurn(rows.some((row) => row[3] === 0) ? 0 : rows[0][3]);
    listen();
    await goToLinked();
  };
  /* first paint first: the items are below the fold */
  if (!("DecompressionStream" in window)) document.querySelector(".fallback").append(" This browser cannot unpack them; items.parquet holds them all.");
  else if ("requestIdleCallback" in window) requestIdleCallback(open, { timeout: 500 });
  else setTimeout(open);
})();
