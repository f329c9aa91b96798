/**
 * How the parts of a message are laid into a page that is not theirs.
 *
 * H1  Headings begin below the message's own and never skip a level, whatever levels were written.
 * H2  A list item that begins with a box is a task, done or not.
 * H3  Pictures on the web are named, not fetched.
 * H4  Tables can scroll; the alignment of their columns is kept without styles.
 */
import type { MarkdownIt, RendererRule, StateCore } from "markdown-it"
import { placeOf, safeHref } from "./Links.ts"

/** The level of a message's uppermost headings: the page has the first, the message the second. */
const top = 3

const layHeadings = (state: StateCore): void => {
  const open: Array<number> = []
  for (const token of state.tokens) {
    if (token.type !== "heading_open" && token.type !== "heading_close") continue
    const written = Number(token.tag.slice(1))
    if (token.type === "heading_open") {
      while (open.length > 0 && open.at(-1)! >= written) open.pop()
      open.push(written)
    }
    token.tag = `h${Math.min(6, top + open.length - 1)}`
  }
}

const box = /^\[([ xX])\]\s+/

const layTasks = (state: StateCore): void => {
  state.tokens.forEach((token, at) => {
    const item = state.tokens[at - 2]
    const first = token.children?.[0]
    if (token.type !== "inline" || item?.type !== "list_item_open" || first?.type !== "text") return
    const found = box.exec(first.content)
    if (found === null) return
    first.content = first.content.slice(found[0].length)
    item.attrSet("class", "task")
    const task = new state.Token("task", "input", 0)
    task.meta = { done: found[1] !== " " }
    token.children!.unshift(task)
  })
}

const imageRule = (md: MarkdownIt): RendererRule => (tokens, at, options, env, renderer) => {
  const token = tokens[at]!
  const words = renderer.renderInlineAsText(token.children ?? [], options, env) || "Picture"
  const href = safeHref(String(token.attrGet("src") ?? ""))
  const place = href === undefined ? "kept out" : `not fetched from ${placeOf(href)}`
  const named = `<span class="remote-picture-name">${md.utils.escapeHtml(words)}</span> <span>(${
    md.utils.escapeHtml(place)
  })</span>`
  return href === undefined
    ? `<span class="remote-picture">${named}</span>`
    : `<a class="remote-picture" href="${
      md.utils.escapeHtml(href)
    }" target="_blank" rel="noopener noreferrer nofollow">${named}</a>`
}

/** `style="text-align:right"` would need a page that allows styles; a class does not. */
const alignRule: RendererRule = (tokens, at, options, _env, renderer) => {
  const token = tokens[at]!
  const align = /text-align:\s*(left|center|right)/.exec(String(token.attrGet("style") ?? ""))?.[1]
  token.attrs = align === undefined ? null : [["class", `align-${align}`]]
  return renderer.renderToken(tokens, at, options)
}

export const shape = (md: MarkdownIt): void => {
  md.core.ruler.push("headings", layHeadings)
  md.core.ruler.push("tasks", layTasks)
  md.renderer.rules["task"] = (tokens, at) => {
    const done = tokens[at]!.meta?.["done"] === true
    return `<input type="checkbox" disabled${done ? " checked" : ""} aria-label="${done ? "Done" : "To do"}"> `
  }
  md.renderer.rules.image = imageRule(md)
  md.renderer.rules["th_open"] = alignRule
  md.renderer.rules["td_open"] = alignRule
  md.renderer.rules["table_open"] = () =>
    `<div class="table-scroll" role="region" aria-label="Table" tabindex="0"><table>\n`
  md.renderer.rules["table_close"] = () => "</table></div>\n"
}
