/** Formulas set by KaTeX. Loaded, with its style sheet and fonts, when the first formula is seen. */
import katex from "katex"
import "./Katex.css"

/** Sets the formulas. TeX that is not understood stays as it was written, and says why. */
export const typeset = (formulas: Iterable<HTMLElement>): void => {
  for (const element of formulas) {
    const tex = element.textContent
    element.classList.add("is-set")
    try {
      katex.render(tex, element, {
        displayMode: element.dataset["display"] === "true",
        throwOnError: true,
        // No command may make a link, load a picture, or set styles and classes of its own.
        trust: false,
        strict: "ignore",
        errorColor: "var(--color-danger)",
        maxExpand: 500,
        maxSize: 20
      })
    } catch (error) {
      element.classList.remove("is-set")
      element.textContent = tex
      element.title = error instanceof Error ? error.message : "This formula could not be set"
    }
  }
}
