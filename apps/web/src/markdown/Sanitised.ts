/** HTML made harmless by DOMPurify, as elements: the second wall, should the first ever have a hole. */
import DOMPurify from "dompurify"
import { safeHref } from "./Links.ts"

const tags = [
  "a",
  "blockquote",
  "br",
  "code",
  "del",
  "div",
  "em",
  "h3",
  "h4",
  "h5",
  "h6",
  "hr",
  "input",
  "li",
  "ol",
  "p",
  "pre",
  "s",
  "span",
  "strong",
  "sup",
  "table",
  "tbody",
  "td",
  "th",
  "thead",
  "tr",
  "ul"
]
const attributes = [
  "aria-label",
  "checked",
  "class",
  "data-display",
  "data-language",
  "disabled",
  "href",
  "rel",
  "role",
  "start",
  "tabindex",
  "target",
  "title",
  "type"
]

const purify = DOMPurify(window)
purify.addHook("afterSanitizeAttributes", (element) => {
  if (element.tagName === "A" && safeHref(element.getAttribute("href") ?? "") === undefined) {
    element.removeAttribute("href")
  }
  if (
    element.tagName === "INPUT" && (element.getAttribute("type") !== "checkbox" || !element.hasAttribute("disabled"))
  ) element.remove()
})

export const sanitised = (html: string): DocumentFragment =>
  purify.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: attributes,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true
  })
