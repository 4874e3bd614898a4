// Two pictures one above the other: left of the line the one before. Without this they stand side by side.
for (const figure of document.querySelectorAll("[data-compare]")) {
  const range = figure.querySelector("input");
  const settle = () => figure.style.setProperty("--shown", `${range.value}%`);
  figure.classList.add("live");
  range.hidden = false;
  range.addEventListener("input", settle);
  settle();
}
