"use strict";
/* The page is complete without this file, but for reading items. It looks values up and computes
   no number; text reaches the page as text nodes only. */
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const ROW = 62;
  root.classList.add("js");

  /* nodes ------------------------------------------------------------------------------- */
  const node = (tag, name, ...children) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...children);
    return made;
  };
  const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\u{d800}-\u{dfff}\u{e0000}-\u{e0fff}]/gu;
  const SHORT = { 0: "NUL", 7: "BEL", 8: "BS", 13: "CR", 27: "ESC", 127: "DEL" };
  const visible = (text) => {
    const parts = [];
    let from = 0;
    const unix = text.replace(/\r\n/g, "\n");
    for (const found of unix.matchAll(HIDDEN)) {
      const code = found[0].codePointAt(0);
      const name = SHORT[code] || "U+" + code.toString(16).toUpperCase().padStart(4, "0");
      parts.push(unix.slice(from, found.index), node("span", "badge", name));
      from = found.index + found[0].length;
    }
    parts.push(unix.slice(from));
    return parts;
  };
  const block = (heading, text) => {
    const box = node("div", "text", ...visible(text));
    box.tabIndex = 0;
    box.dir = "auto";
    return [node("h3", "", heading), box];
  };

  /* theme ------------------------------------------------------------------------------- */
  const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const turn = () => { root.dataset.theme = isDark() ? "light" : "dark"; };
  byId("theme").hidden = false;
  byId("theme").addEventListener("click", turn);

  /* domain table ------------------------------------------------------------------------ */
  for (const button of document.querySelectorAll(".twisty")) {
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") !== "true";
      button.setAttribute("aria-expanded", String(open));
      for (const row of document.querySelectorAll("tr.task")) {
        if (row.dataset.parent === button.dataset.opens) row.classList.toggle("shown", open);
      }
    });
  }
  const links = [...document.querySelectorAll(".rail a")];
  const watcher = new IntersectionObserver((seen) => {
    for (const entry of seen) {
      if (!entry.isIntersecting) continue;
      for (const link of links) {
        if (link.hash === "#" + entry.target.id) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  for (const section of document.querySelectorAll("main > section")) watcher.observe(section);

  /* items ------------------------------------------------------------------------------- */
  const unpack = async (script) => {
    const bytes = Uint8Array.from(atob(script.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  };
  const packed = byId("items-index");
  const state = { index: null, side: 1, domain: "", failure: "", query: "", shown: [], at: -1 };
  const blocks = new Map();
  const scripts = document.getElementsByClassName("items-block");
  const texts = async (place) => {
    const number = Math.floor(place / state.index.blockItems);
    if (!blocks.has(number)) blocks.set(number, unpack(scripts[number]));
    return (await blocks.get(number))[place % state.index.blockItems];
  };
  const KINDS = { 1: ["right", "right"], 0: ["wrong", "wrong"], h: ["half", "partly right"], "-": ["absent", "not evaluated"] };
  const squares = (outcomes) => {
    const row = node("span", "squares");
    const words = [...outcomes].map((sign, place) => {
      row.append(node("i", KINDS[sign][0]));
      return state.index.checkpoints[place] + ": " + KINDS[sign][1];
    });
    row.title = words.join(", ");
    row.setAttribute("role", "img");
    row.setAttribute("aria-label", row.title);
    return row;
  };

  const matches = async (row, place) => {
    const [key, domain, , side, , failure, preview, head] = row;
    const { index, query } = state;
    if (side !== state.side) return false;
    if (state.domain && index.domains[domain] !== state.domain) return false;
    if (state.failure && index.failures[failure] !== state.failure) return false;
    if (!query) return true;
    if ((key + " " + preview).toLowerCase().includes(query)) return true;
    const [prompt, gold, choices, before, after] = await texts(place);
    return [index.heads[head], prompt, gold, ...choices, before, after].join("\n").toLowerCase().includes(query);
  };
  let turnNumber = 0;
  const filter = async (wanted) => {
    const mine = ++turnNumber;
    const kept = [];
    for (const [place, row] of state.index.rows.entries()) if (await matches(row, place)) kept.push(place);
    if (mine !== turnNumber) return;
    state.shown = kept;
    byId("count").textContent = kept.length.toLocaleString("en") + (kept.length === 1 ? " item" : " items");
    state.at = -1;
    draw();
    byId("list").scrollTop = 0;
    const found = kept.findIndex((place) => state.index.rows[place][0] === wanted);
    await choose(Math.max(found, 0), found > 0);
  };
  const draw = () => {
    const list = byId("list");
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 8);
    const last = Math.min(state.shown.length, first + Math.ceil(list.clientHeight / ROW) + 16);
    const spacer = node("div");
    spacer.setAttribute("role", "presentation");
    spacer.style.height = state.shown.length * ROW + "px";
    const made = [spacer];
    for (let at = first; at < last; at += 1) {
      const [key, domain, , , outcomes, , preview] = state.index.rows[state.shown[at]];
      const about = node("div", "about", node("b", "", key), state.index.domains[domain], squares(outcomes));
      const entry = node("div", "entry", about, node("div", "preview", ...visible(preview)));
      entry.style.top = at * ROW + "px";
      entry.id = "entry-" + at;
      entry.dataset.at = at;
      entry.setAttribute("role", "option");
      entry.setAttribute("aria-selected", String(at === state.at));
      made.push(entry);
    }
    list.replaceChildren(...made);
    if (state.at >= first && state.at < last) list.setAttribute("aria-activedescendant", "entry-" + state.at);
    else list.removeAttribute("aria-activedescendant");
  };
  const SAID = { 1: "✓ right", 0: "× wrong", h: "½ partly right", "-": "not evaluated" };
  const answer = (label, text, read, sign, isBetter) => {
    const side = node("div", isBetter ? "tone-gain" : "tone-loss");
    const [heading, box] = block(label, text);
    heading.append(node("span", "outcome", SAID[sign]));
    side.append(heading, box);
    if (read && read !== text) side.append(node("small", "", "read as: ", ...visible(read)));
    return side;
  };
  const choose = async (at, follow) => {
    const { index, shown } = state;
    state.at = Math.max(0, Math.min(at, shown.length - 1));
    const list = byId("list");
    if (follow && state.at * ROW < list.scrollTop) list.scrollTop = state.at * ROW;
    if (follow && (state.at + 1) * ROW > list.scrollTop + list.clientHeight) list.scrollTop = (state.at + 1) * ROW - list.clientHeight;
    draw();
    const detail = byId("detail");
    if (!shown.length) { detail.replaceChildren(node("p", "empty", "No item matches.")); return; }
    const place = shown[state.at];
    const [key, domain, task, side, outcomes, failure, , head] = index.rows[place];
    const [prompt, gold, choices, before, after, beforeRead, afterRead] = await texts(place);
    if (place !== state.shown[state.at]) return;
    const word = node("span", "verdict tone-" + (side ? "loss" : "gain"), side ? "▼ lost" : "▲ gained");
    const about = node("div", "about", node("b", "", key), word, index.domains[domain] + " › " + index.tasks[task] + " · " + index.failures[failure], squares(outcomes));
    const parts = [about];
    if (index.heads[head]) {
      const more = node("details", "", node("summary", "", "Beginning shared by all prompts of this task"));
      more.append(block("", index.heads[head])[1]);
      parts.push(more);
    }
    parts.push(...block("Prompt", prompt));
    if (choices.length) parts.push(...block("Options", choices.map((choice, number) => number + 1 + ". " + choice).join("\n")));
    parts.push(...block("Right answer", gold));
    const names = index.checkpoints;
    parts.push(node("div", "pair", answer("Before · " + names[0], before, beforeRead, outcomes[0], side === 1), answer("After · " + names[names.length - 1], after, afterRead, outcomes[outcomes.length - 1], side === 0)));
    detail.replaceChildren(...parts);
    detail.scrollTop = 0;
    if (follow) history.replaceState(null, "", "#item=" + encodeURIComponent(key));
  };
  const options = (select, all, names) => {
    select.replaceChildren(new Option(all, ""), ...names.map((name) => new Option(name, name)));
  };
  const setSide = (side) => {
    state.side = side;
    for (const button of document.querySelectorAll("[data-side]")) button.setAttribute("aria-pressed", String(Number(button.dataset.side) === side));
  };
  const linked = () => (location.hash.startsWith("#item=") ? decodeURIComponent(location.hash.slice(6)) : "");
  const open = async () => {
    state.index = await unpack(packed);
    document.querySelector(".fallback").hidden = true;
    byId("reader").hidden = false;
    document.querySelector(".keys").hidden = false;
    options(byId("by-domain"), "All domains", state.index.domains);
    options(byId("by-failure"), "Any failure", state.index.failures);
    const wanted = state.index.rows.find((row) => row[0] === linked());
    const anyLost = state.index.rows.some((row) => row[3] === 1);
    setSide(wanted ? wanted[3] : Number(anyLost));
    await filter(linked());
    if (wanted) byId("items").scrollIntoView();
  };
  const listen = () => {
    byId("by-domain").addEventListener("change", (event) => { state.domain = event.target.value; filter(); });
    byId("by-failure").addEventListener("change", (event) => { state.failure = event.target.value; filter(); });
    byId("search").addEventListener("input", (event) => { state.query = event.target.value.trim().toLowerCase(); filter(); });
    for (const button of document.querySelectorAll("[data-side]")) {
      button.addEventListener("click", () => { setSide(Number(button.dataset.side)); filter(); });
    }
    for (const link of document.querySelectorAll("a[data-domain]")) {
      link.addEventListener("click", () => {
        state.domain = state.index.domains.includes(link.dataset.domain) ? link.dataset.domain : "";
        byId("by-domain").value = state.domain;
        filter();
      });
    }
    byId("list").addEventListener("scroll", draw);
    byId("list").addEventListener("click", (event) => {
      const entry = event.target.closest(".entry");
      if (entry) choose(Number(entry.dataset.at), true);
    });
    byId("list").addEventListener("keydown", (event) => {
      const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 9, PageUp: -9 }[event.key];
      if (!move) return;
      event.preventDefault();
      choose(state.at + move, true);
    });
    window.addEventListener("hashchange", () => {
      const wanted = state.index.rows.find((row) => row[0] === linked());
      if (wanted) { setSide(wanted[3]); filter(wanted[0]); }
    });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === "t") turn();
    if (!state.index) return;
    if (event.key === "/") { event.preventDefault(); byId("search").focus(); }
    if (event.key === "j") choose(state.at + 1, true);
    if (event.key === "k") choose(state.at - 1, true);
  });
  if (packed) {
    if ("DecompressionStream" in window) open().then(listen);
    else document.querySelector(".fallback").append(" This browser cannot unpack them; items.parquet holds them all.");
  }
})();
