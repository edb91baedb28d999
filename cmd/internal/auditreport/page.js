"use strict";
document.documentElement.classList.add("js");
const value = (row, i) => {
  const cell = row.cells[i];
  return cell.dataset.v !== undefined ? cell.dataset.v : cell.textContent.trim();
};
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((th, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = th.textContent;
    th.replaceChildren(button);
    const number = th.classList.contains("n");
    button.addEventListener("click", () => {
      const old = th.getAttribute("aria-sort");
      const down = old ? old === "ascending" : number;
      for (const h of heads) h.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows];
      rows.sort((a, b) => {
        const x = value(a, i), y = value(b, i);
        const d = number ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0;
        return down ? -d : d;
      });
      const visible = rows.filter((row) => !row.classList.contains("rest")).length;
      rows.forEach((row, k) => row.classList.toggle("rest", k >= visible));
      body.append(...rows);
    });
  });
  if (body.querySelector("tr.rest")) {
    table.classList.add("cut");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "all";
    button.textContent = "Show all " + body.rows.length;
    button.addEventListener("click", () => {
      table.classList.remove("cut");
      button.remove();
    });
    table.parentElement.after(button);
  }
}
const form = document.querySelector("form.filter");
const rule = form.querySelector("select");
const sender = form.querySelector("input");
const count = form.querySelector("output");
const apply = () => {
  const id = rule.value, who = sender.value.trim().toLowerCase();
  let shown = 0, all = 0;
  for (const table of document.querySelectorAll("table[data-filter]")) {
    const row = table.tBodies[0].rows[0];
    table.classList.toggle("filtered", id !== "" && row?.dataset.rules !== undefined || who !== "" && row?.dataset.sender !== undefined);
    for (const row of table.tBodies[0].rows) {
      const rules = row.dataset.rules, from = row.dataset.sender;
      const hide = id !== "" && rules !== undefined && !rules.split(" ").includes(id) || who !== "" && from !== undefined && !from.includes(who);
      row.classList.toggle("hidden", hide);
      if (table.id === "messages-table") {
        all++;
        if (!hide) shown++;
      }
    }
  }
  count.textContent = id === "" && who === "" ? "" : shown + " of the " + all + " messages listed below match";
};
form.addEventListener("submit", (e) => e.preventDefault());
form.addEventListener("reset", () => setTimeout(apply));
rule.addEventListener("change", apply);
sender.addEventListener("input", apply);
document.addEventListener("click", (e) => {
  const a = e.target.closest("a[data-rule],a[data-sender]");
  if (!a) return;
  if (a.dataset.rule !== undefined) rule.value = a.dataset.rule;
  if (a.dataset.sender !== undefined) sender.value = a.dataset.sender;
  apply();
});
