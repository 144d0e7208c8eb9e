"use strict";
/* The heat table as one stop of the tab key: arrows walk from cell to cell, and the words of a cell
   that a pointer shows are shown at the cell in focus too. */
(() => {
  const table = document.querySelector(".heat");
  if (!table) return;
  const box = table.parentElement;
  const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("td[title]")]).filter((cells) => cells.length);
  if (!rows.length) return;
  const tip = document.createElement("p");
  tip.className = "tip";
  tip.id = "heat-tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  box.append(tip);
  /* the cells are focusable now, so the box around them need not be */
  box.removeAttribute("tabindex");
  table.setAttribute("role", "grid");
  let at = [0, rows[0].length - 1];
  const cellAt = ([row, column]) => rows[row][column];
  const turn = (to) => {
    cellAt(at).tabIndex = -1;
    at = to;
    cellAt(at).tabIndex = 0;
  };
  for (const cells of rows) for (const cell of cells) cell.tabIndex = -1;
  turn(at);
  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td");
    if (!cell) return;
    const row = rows.findIndex((cells) => cells.includes(cell));
    turn([row, rows[row].indexOf(cell)]);
    tip.textContent = cell.title;
    tip.hidden = false;
    tip.style.top = cell.offsetTop + cell.offsetHeight + 6 + "px";
    tip.style.left = Math.max(0, Math.min(cell.offsetLeft, box.scrollLeft + box.clientWidth - tip.offsetWidth - 8)) + "px";
  });
  table.addEventListener("focusout", () => { tip.hidden = true; });
  table.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tip.hidden = true;
    const [row, column] = at;
    const last = rows[row].length - 1;
    const to = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], Home: [row, 0], End: [row, last] }[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey || !rows[to[0]] || !rows[to[0]][to[1]]) return;
    event.preventDefault();
    cellAt(to).focus();
  });
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("td[title]");
    if (cell) cell.focus();
  });
})();
