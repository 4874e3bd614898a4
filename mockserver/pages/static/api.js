// Models are looked for by what stands in their line and their fields.
const search = document.getElementById("search");
const found = document.getElementById("found");
const models = [...document.querySelectorAll(".model")];
const groups = [...document.querySelectorAll(".group")];
search.closest(".finder").hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const model of models) model.hidden = !words.every((word) => model.dataset.text.includes(word));
  for (const group of groups) group.hidden = !group.querySelector(".model:not([hidden])");
  found.textContent = `${models.filter((model) => !model.hidden).length} of ${models.length} models`;
});
