/** Markdown to elements, in one piece that is loaded once: the parser and the sanitiser are most of what reading weighs. */
import type { Citation } from "./Citations.ts"
import { toHtml } from "./Markdown.ts"
import { sanitised } from "./Sanitised.ts"

export const render = (text: string, citations: ReadonlyArray<Citation>, keepBreaks: boolean): DocumentFragment =>
  sanitised(toHtml(text, citations, keepBreaks))
