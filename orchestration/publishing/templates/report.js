"use strict";
// What the report's controls do: filter, sort, share a view by its address, open the account that
// an address names. Without it the page is whole, and every account can be read.
(() => {
  const element = (id) => document.getElementById(id);
  const controls = element("controls");
  const [search, ...selects] = controls.querySelectorAll("input, select");
  const heads = [...document.querySelectorAll(".list th")];
  const body = document.querySelector(".list tbody");
  const collator = new Intl.Collator("en", { sensitivity: "base", numeric: true });
  const accounts = [...body.rows].map((row) => ({
    row,
    details: detailsOf(row.querySelector("a[href^='#account-']")?.hash),
    text: plain(`${row.cells[1].textContent} ${row.lastElementChild.textContent}`),
  }));
  let sorted = { head: heads[0], order: "ascending" };

  function plain(text) {
    return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  }

  function detailsOf(hash) {
    return /^#account-\d+$/.test(hash) ? element(hash.slice(1)) : null;
  }

  function filter() {
    const words = plain(search.value).split(/\s+/);
    const chosen = selects.filter((select) => select.value);
    let shown = 0;
    for (const { row, details, text } of accounts) {
      const fits =
        words.every((word) => text.includes(word)) &&
        chosen.every((select) => row.dataset[select.name] === select.value);
      row.hidden = !fits;
      if (details) details.hidden = !fits;
      shown += fits;
    }
    const [some, all] = [shown, accounts.length].map((count) => count.toLocaleString("en"));
    element("count").textContent = `${some} of ${all} accounts shown`;
    element("nothing").hidden = shown > 0;
    element("listed").hidden = shown === 0;
  }

  // Always from the order of ranks, so that the same choice gives the same order.
  function sort() {
    const column = heads.indexOf(sorted.head);
    const sign = sorted.order === "descending" ? -1 : 1;
    const isNumber = sorted.head.dataset.kind === "number";
    const keyed = accounts.map(({ row }) => {
      const cell = row.cells[column];
      return { row, key: cell.dataset.value ?? cell.textContent.trim() };
    });
    keyed.sort(({ key: a }, { key: b }) => {
      if (!a || !b) return !a - !b;
      return sign * (isNumber ? a - b : collator.compare(a, b));
    });
    body.append(...keyed.map(({ row }) => row));
    for (const head of heads) head.removeAttribute("aria-sort");
    sorted.head.setAttribute("aria-sort", sorted.order);
  }

  function sortBy(head) {
    const first = head.dataset.first ?? "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    sorted = { head, order: sorted.head === head && sorted.order === first ? other : first };
    sort();
    remember();
  }

  function remember() {
    const view = new URLSearchParams();
    for (const field of [search, ...selects]) if (field.value) view.set(field.name, field.value);
    if (sorted.head !== heads[0] || sorted.order !== "ascending") {
      view.set("sort", sorted.head.dataset.name);
      view.set("order", sorted.order);
    }
    history.replaceState(null, "", `#list?${view}`.replace(/\?$/, ""));
  }

  function recall(view) {
    for (const field of [search, ...selects]) {
      field.value = view.get(field.name) ?? "";
      if (field.selectedIndex < 0) field.value = ""; // a value that this list doesn't have
    }
    const head = heads.find((each) => each.dataset.name === view.get("sort")) ?? heads[0];
    sorted = { head, order: view.get("order") === "descending" ? "descending" : "ascending" };
    filter();
    sort();
  }

  function reset() {
    recall(new URLSearchParams());
    remember();
    search.focus();
  }

  function reveal(hash) {
    const details = detailsOf(hash);
    if (details) {
      details.hidden = false;
      details.open = true;
    }
    return details;
  }

  function follow() {
    const [place, view] = location.hash.split("?");
    if (place === "#list" && view !== undefined) recall(new URLSearchParams(view));
    reveal(location.hash)?.scrollIntoView();
  }

  function openAll(open) {
    for (const { details } of accounts) if (details && !details.hidden) details.open = open;
  }

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(head));
    head.append(button);
  }
  controls.addEventListener("input", () => (filter(), remember()));
  for (const id of ["reset", "all"]) element(id).addEventListener("click", reset);
  element("open").addEventListener("click", () => openAll(true));
  element("close").addEventListener("click", () => openAll(false));
  // Scrolling is left to the browser here, so that going back finds the row again.
  body.addEventListener("click", (event) => reveal(event.target.closest("a")?.hash));
  addEventListener("hashchange", follow);
  controls.hidden = element("opening").hidden = false;
  recall(new URLSearchParams());
  follow();
  if (location.hash.startsWith("#list?")) element("list").scrollIntoView();
})();
