"use strict";
const views = new Map();
const form = document.getElementById("shown");

function shownArms() {
  const picked = (name) => {
    const boxes = [...form.querySelectorAll(`input[name=${name}]`)];
    return boxes.length ? boxes.filter((box) => box.checked).map((box) => box.value) : null;
  };
  const strategies = picked("strategy"), models = picked("model");
  return Object.keys(ARMS).filter((arm) => {
    const [strategy, model] = ARMS[arm];
    return strategies.includes(strategy) && (models === null || models.includes(model));
  });
}

function tell(key, signals) {  // not every chart has every signal
  const known = (CHARTS[key].params ?? []).map((param) => param.name);
  for (const name of known) if (name in signals) views.get(key).signal(name, signals[name]);
  views.get(key).runAsync();
}

function heightOf(forest, arms) {  // a row for each arm that is shown
  const all = new Set(forest.data.values.map((row) => row.arm));
  const shown = arms.filter((arm) => all.has(arm)).length;
  return (forest.height / all.size) * Math.max(1, shown);
}

function show() {
  const arms = shownArms(), all = Object.keys(ARMS).length;
  document.getElementById("hidden").textContent =
    arms.length === 0 ? "No arm is shown: tick a strategy and a model."
      : arms.length < all ? `${all - arms.length} of ${all} arms are hidden: tick their boxes to see them.` : "";
  for (const element of document.querySelectorAll("[data-arm]")) {
    element.hidden = !arms.includes(element.dataset.arm);
  }
  const boxes = [...form.querySelectorAll("input[name=strategy]:checked")].map((box) => box.value);
  for (const element of document.querySelectorAll("[data-strategy]")) {
    element.hidden = !boxes.includes(element.dataset.strategy);
  }
  const chosen = form.querySelector("select[name=class]");
  for (const [key, view] of views) {
    if (key.startsWith("forest-")) view.height(heightOf(CHARTS[key], arms));
    tell(key, chosen ? { arms, shown_class: chosen.value } : { arms });
  }
  window.dispatchEvent(new Event("resize"));  // charts that were hidden have no width yet
}

function sortBy(button) {
  const heading = button.closest("th"), table = button.closest("table");
  const column = [...heading.parentNode.children].indexOf(heading);
  const sorted = heading.getAttribute("aria-sort"), numbers = heading.classList.contains("number");
  const down = sorted === "none" ? numbers : sorted === "ascending";
  for (const other of heading.parentNode.children) other.setAttribute("aria-sort", "none");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = (row) => row.children[column].dataset.value;
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "") || 0;
    const difference = Number(a) - Number(b);
    return (Number.isNaN(difference) ? a.localeCompare(b) : difference) * (down ? -1 : 1);
  };
  const body = table.tBodies[0];
  body.append(...[...body.rows].sort((a, b) => compare(key(a), key(b))));
}

async function draw() {
  const options = {
    renderer: "svg",
    actions: { export: true, source: false, compiled: false, editor: false },
  };
  const columns = window.innerWidth < 600 ? 2 : 4;
  for (const element of document.querySelectorAll("[data-chart]")) {
    CHARTS[element.dataset.chart].config.legend.columns = columns;
    const { view } = await vegaEmbed(element, CHARTS[element.dataset.chart], options);
    views.set(element.dataset.chart, view);
  }
  show();
  document.documentElement.dataset.drawn = "true";
}

for (const button of document.querySelectorAll(".sortable th button")) {
  button.addEventListener("click", () => sortBy(button));
}
for (const link of document.querySelectorAll("a[href^='#']")) {
  link.addEventListener("click", (event) => {  // in a frame of MLflow's, links go nowhere
    event.preventDefault();
    document.querySelector(link.getAttribute("href")).scrollIntoView();
  });
}
window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("main details:not([open])")) folded.open = true;
});
form.addEventListener("change", show);
form.addEventListener("submit", (event) => event.preventDefault());
draw();
