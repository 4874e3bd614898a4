// Two pictures one above the other: the slider says how much of the first is seen. Without this they stand side by side.
for (const figure of document.querySelectorAll("[data-compare]")) {
  const slide = figure.querySelector(".slide");
  const range = slide.querySelector("input");
  const settle = () => figure.style.setProperty("--shown", `${range.value}%`);
  figure.classList.add("live");
  slide.hidden = false;
  range.addEventListener("input", settle);
  settle();
}
