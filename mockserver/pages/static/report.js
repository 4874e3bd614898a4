// Buttons that copy the line beside them, and a page that is short on a phone and hides nothing when it is printed.
"use strict";
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const text = button.closest("figure").querySelector("pre");
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      // Not everywhere may a file write there: what is chosen can be copied by hand.
      getSelection().selectAllChildren(text);
      button.textContent = "Chosen";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}
// What is wide or long is asked for there.
if (matchMedia("screen and (max-width: 40rem)").matches) {
  for (const part of document.querySelectorAll("details[open]")) part.open = false;
}
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const part of opened) part.open = true;
});
addEventListener("afterprint", () => {
  for (const part of opened) part.open = false;
});
