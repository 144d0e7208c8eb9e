"use strict";
/* The checkpoint switch: puts prepared rows of the domain table in the place of those shown. */
(() => {
  const packed = document.getElementById("switch-states");
  if (!packed || !("DecompressionStream" in window)) return;
  const SVG = document.querySelector("svg").namespaceURI;
  const build = (made, inside) => {
    if (typeof made === "string") return made;
    const [tag, attributes, ...children] = made;
    const space = tag === "svg" ? SVG : inside;
    const node = space ? document.createElementNS(space, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children.map((child) => build(child, space)));
    return node;
  };
  const rows = [...document.querySelectorAll("#domains tr.row, #domains tr.task")];
  let unpacked = null;
  const unpack = async () => {
    const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  };
  /* the shape of a row with its name and its numbers filled in */
  const filled = (known, state, place) => {
    const [shape, ...numbers] = state.split(" ");
    const name = JSON.stringify(known.labels[place]).slice(1, -1);
    const shown = known.shapes[shape].replace(/\x01(\d+)\x01/g, (hole, at) => numbers[at]);
    return JSON.parse(shown.replaceAll("\u2028", () => name));
  };
  const put = (row, [tone, slots, cells]) => {
    row.className = row.className.replace(/tone-\S+/, tone);
    const heading = row.cells[0];
    heading.querySelectorAll("[data-slot]").forEach((slot, number) => slot.replaceWith(build(slots[number])));
    row.replaceChildren(heading, ...cells.map((cell) => build(cell)));
  };
  const buttons = [...document.querySelectorAll("[data-state]")];
  const show = async (number) => {
    unpacked ||= unpack();
    const known = await unpacked;
    rows.forEach((row, place) => put(row, filled(known, known.states[number][place], place)));
    for (const now of document.querySelectorAll("[data-now]")) now.textContent = known.names[number];
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.state === String(number)));
    document.getElementById("steps-said").textContent = known.headlines[number];
  };
  for (const button of buttons) button.addEventListener("click", () => show(Number(button.dataset.state)));
  const list = document.getElementById("steps-list");
  if (list) list.addEventListener("change", () => show(Number(list.value)));
  document.getElementById("steps").classList.add("ready");
})();
