/** Marks what was searched for in what is already drawn. */
import type { Found } from "@vivim/client/Words"

/** Formulas are drawings, not text. */
const notText = ".formula.is-set, .code-head"

export const mark = (root: HTMLElement, find: (text: string) => ReadonlyArray<Found>): void => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const texts: Array<Text> = []
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.parentElement?.closest(notText) === null && node.parentElement.tagName !== "MARK") texts.push(node as Text)
  }
  for (const text of texts) {
    // From the last to the first, so that what was found first stays where it is.
    for (const { start, end } of find(text.data).toReversed()) {
      const rest = text.splitText(start)
      rest.splitText(end - start)
      const element = document.createElement("mark")
      rest.replaceWith(element)
      element.append(rest)
    }
  }
}
