/**
 * A message's Markdown as HTML that can do nothing but be read. What comes out still passes a sanitiser in the browser.
 *
 * K1  HTML in a message is text: no tag of the message's own becomes one of the page's.
 * K2  Links lead only to the web or to mail, in a new window that learns nothing; others are shown, and lead nowhere.
 * K3  Code is set apart with the name of its language, and is never anything but text.
 * K4  A person's line breaks are kept; a model's are Markdown's.
 */
import MarkdownIt, { type Env, type RendererRule } from "markdown-it"
import { type Citation, citations, placeMarks, sourcesOf } from "./Citations.ts"
import { formulas } from "./Formulas.ts"
import { safeHref } from "./Links.ts"
import { shape } from "./Shape.ts"

const nestingMax = 60

const make = (breaks: boolean) => {
  const md = new MarkdownIt({ html: false, linkify: true, typographer: false, breaks, maxNesting: nestingMax })
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
  // Which links lead somewhere is decided when they are drawn, so that those that do not are still seen.
  md.validateLink = () => true
  const escape = md.utils.escapeHtml
  const code: RendererRule = (tokens, at) => {
    const { content, info } = tokens[at]!
    const language = info.trim().split(/[\s{,:]/)[0] ?? ""
    return `<pre data-language="${escape(language)}"><code>${escape(content.replace(/\n$/, ""))}</code></pre>\n`
  }
  md.renderer.rules.fence = code
  md.renderer.rules.code_block = code
  md.renderer.rules["link_open"] = (tokens, at) => {
    const written = String(tokens[at]!.attrGet("href") ?? "")
    const href = safeHref(written)
    const title = tokens[at]!.attrGet("title")
    if (href === undefined) return `<span class="dead-link" title="Leads nowhere: ${escape(written.slice(0, 120))}">`
    return `<a href="${escape(href)}"${
      title === null ? "" : ` title="${escape(String(title))}"`
    } target="_blank" rel="noopener noreferrer nofollow">`
  }
  md.renderer.rules["link_close"] = (tokens, at) => {
    // A link holds no link, so the last one opened is the one that closes.
    const opened = tokens.slice(0, at).findLast(({ type }) => type === "link_open")
    return safeHref(String(opened?.attrGet("href") ?? "")) === undefined ? "</span>" : "</a>"
  }
  formulas(md)
  citations(md)
  shape(md)
  return md
}

const asWritten = make(true)
const asMarkdown = make(false)

/** `keepBreaks`: each line break of the text is one on the page. */
export const toHtml = (text: string, cited: ReadonlyArray<Citation> = [], keepBreaks = false): string => {
  const placed = placeMarks(text, cited)
  const env: Env = { placed, sources: sourcesOf(cited) }
  return (keepBreaks ? asWritten : asMarkdown).render(placed.text, env)
}
