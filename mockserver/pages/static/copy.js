// Buttons that copy the text beside them.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const text = button.closest("figure").querySelector("pre");
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      // Not everywhere may a page write there: what is chosen can be copied by hand.
      getSelection().selectAllChildren(text);
      button.textContent = "Chosen";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}
