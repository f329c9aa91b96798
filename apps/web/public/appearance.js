/** Lays the chosen appearance on the page before it is first painted; the choice is made in src/settings/Appearance.ts. */
{
  const chosen = localStorage.getItem("vivim.appearance")
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.appearance = chosen
}
