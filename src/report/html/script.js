// Sorts, filters, searches, unfolds and copies. The page is complete without it.
"use strict";

(() => {
  const find = (id) => document.getElementById(id);

  // Copying: a button beside each text that is made to be copied.

  const addButtons = (root) => {
    for (const text of root.querySelectorAll(".copy:not(.has-button)")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copies";
      button.textContent = "Copy";
      text.classList.add("has-button");
      const code = text.querySelector("code");
      button.dataset.text = (code ?? text).textContent;
      button.setAttribute("aria-label", `Copy ${button.dataset.text.slice(0, 80)}`);
      if (code) text.append(button);
      else text.after(button);
    }
  };

  const copyBySelection = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  };

  const copy = async (button) => {
    const text = button.dataset.text;
    let copied = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copied = copyBySelection(text);
      button.focus();
    }
    button.textContent = copied ? "Copied" : "Not copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copies");
    if (button) copy(button);
  });
  addButtons(document.querySelector(".breakdown") ?? document.createElement("p"));
  addButtons(find("unscanned").parentElement);

  const table = find("table");
  if (!table) return;

  // The rows. What is asked of them again and again is read once.

  const rows = [...table.tBodies].map((body, order) => ({ body, order, keys: [], text: null }));
  const row = (body) => body.rows[0];
  const details = (body) => body.rows[1].cells[0].firstElementChild;

  const keyOf = (entry, column) => {
    if (entry.keys[column] === undefined) {
      const cell = row(entry.body).cells[column];
      const { value } = cell.dataset;
      entry.keys[column] = value === undefined ? cell.textContent.trim().toLowerCase() : Number(value);
    }
    return entry.keys[column];
  };
  const textOf = (entry) => (entry.text ??= entry.body.textContent.toLowerCase());

  // Sorting: by a column, the other way round, and back to the order of the report.

  const NUMBERS_FIRST_DOWN = new Set([0, 4]);
  const headings = [...table.tHead.rows[0].cells];

  // What is not known comes last, either way.
  const compare = (a, b, down) => {
    if (a === b) return 0;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    const less = typeof a === "number" ? a - b : a < b ? -1 : 1;
    return down ? -less : less;
  };

  const sortBy = (column) => {
    const heading = headings[column];
    const first = NUMBERS_FIRST_DOWN.has(column) ? "descending" : "ascending";
    const second = first === "ascending" ? "descending" : "ascending";
    const now = heading.getAttribute("aria-sort");
    const next = now === first ? second : now === second ? null : first;
    for (const other of headings) other.removeAttribute("aria-sort");
    if (next) heading.setAttribute("aria-sort", next);
    const down = next === "descending";
    const sorted = [...rows].sort(
      (a, b) => (next ? compare(keyOf(a, column), keyOf(b, column), down) : 0) || a.order - b.order,
    );
    const fragment = document.createDocumentFragment();
    for (const entry of sorted) fragment.append(entry.body);
    table.append(fragment);
  };

  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sortBy(column));
    heading.append(button);
  });

  // Filtering: what every menu and every word of the search agrees with.

  const MENUS = ["fails", "there", "severity", "account", "repository", "owner"];
  const search = find("search");

  const filter = () => {
    const chosen = MENUS.map((name) => [name, find(name).value]).filter(([, value]) => value !== "");
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of rows) {
      const { dataset } = entry.body;
      const isShown =
        chosen.every(([name, value]) => dataset[name].split(" ").includes(value)) &&
        words.every((word) => textOf(entry).includes(word));
      if (entry.body.hidden === isShown) entry.body.hidden = !isShown;
      shown += isShown;
    }
    const all = rows.length.toLocaleString("en");
    const noun = rows.length === 1 ? "credential" : "credentials";
    find("count").textContent =
      shown === rows.length ? `${all} ${noun}` : `${shown.toLocaleString("en")} of ${all} ${noun}`;
    find("nothing").hidden = shown > 0;
  };

  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  for (const name of MENUS) find(name).addEventListener("change", filter);
  const setAll = (value) => {
    search.value = "";
    for (const name of MENUS) find(name).value = value[name] ?? "";
    filter();
  };
  find("reset").addEventListener("click", () => setAll({}));

  // A name in the overview shows its credentials.
  for (const name of document.querySelectorAll(".filter")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "filter";
    button.append(...name.childNodes);
    button.addEventListener("click", () => {
      setAll({ [name.dataset.by]: name.dataset.number });
      find("credentials").focus();
      find("credentials").scrollIntoView();
    });
    name.replaceChildren(button);
  }

  // Unfolding: by the whole row, all at once, from a link, and for a printer.

  table.addEventListener("toggle", (event) => event.target.open && addButtons(event.target), true);
  table.addEventListener("click", (event) => {
    const body = event.target.closest("tbody");
    if (!body || !row(body).contains(event.target) || !getSelection().isCollapsed) return;
    details(body).open = !details(body).open;
  });
  const fold = (open) => {
    for (const { body } of rows) if (!body.hidden) details(body).open = open;
  };
  find("unfold").addEventListener("click", () => fold(true));
  find("fold").addEventListener("click", () => fold(false));

  const follow = () => {
    const body = find(location.hash.slice(1));
    if (!table.contains(body) || !body.matches("tbody")) return;
    if (body.hidden) setAll({});
    details(body).open = true;
    body.scrollIntoView();
    details(body).querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", follow);
  follow();

  let folded = [];
  addEventListener("beforeprint", () => {
    const closed = [...document.querySelectorAll("details:not([open])")];
    for (const it of closed) it.open = true;
    folded.push(...closed);
  });
  addEventListener("afterprint", () => {
    for (const it of folded) it.open = false;
    folded = [];
  });

  table.classList.add("folds");
  find("tools").hidden = false;
})();
