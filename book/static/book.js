// Names that say what is to be read on a button, where the theme and myst-nb say something else, or nothing.
document.addEventListener("DOMContentLoaded", () => {
  for (const named of document.querySelectorAll(".search-button-field, details.hide > summary")) {
    named.removeAttribute("aria-label");
  }
  for (const toggle of document.querySelectorAll(".bd-sidenav summary")) {
    toggle.setAttribute("aria-label", `Pages of: ${toggle.closest("li").querySelector("a").textContent}`);
  }
});

// Paper is white.
let theme;
addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = theme;
});
