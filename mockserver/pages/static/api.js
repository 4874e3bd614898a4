// Models are looked for by what stands in their line and their fields.
const found = document.getElementById("found");
const models = [...document.querySelectorAll(".model")];
const groups = [...document.querySelectorAll(".group")];
document.getElementById("search").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const model of models) model.hidden = !words.every((word) => model.dataset.text.includes(word));
  for (const group of groups) group.hidden = !group.querySelector(".model:not([hidden])");
  found.textContent = `${models.filter((model) => !model.hidden).length} of ${models.length} models`;
});
