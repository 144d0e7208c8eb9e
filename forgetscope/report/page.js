"use strict";
/* The page is complete without this file. It shows and hides what is there, and computes nothing. */
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  root.classList.add("js");

  /* theme ------------------------------------------------------------------------------- */
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (prefersDark.matches ? "dark" : "light")) === "dark";
  const turn = () => { root.dataset.theme = isDark() ? "light" : "dark"; };
  byId("theme").hidden = false;
  byId("theme").addEventListener("click", turn);

  /* keys of one letter: they act only where their note, with its switch, is seen ---------- */
  const keys = byId("keys");
  const areOn = () => keys.getAttribute("aria-pressed") === "true" && keys.offsetParent !== null;
  document.querySelector(".keys").hidden = false;
  keys.addEventListener("click", () => {
    const isOn = keys.getAttribute("aria-pressed") === "true";
    keys.setAttribute("aria-pressed", String(!isOn));
    keys.textContent = isOn ? "keys off" : "keys on";
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    if (!areOn() || event.target.closest("input, select, textarea")) return;
    if (event.key === "t") turn();
    const told = new CustomEvent("pagekey", { detail: event.key, cancelable: true });
    if (!document.dispatchEvent(told)) event.preventDefault();
  });

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

  /* rail -------------------------------------------------------------------------------- */
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
})();
