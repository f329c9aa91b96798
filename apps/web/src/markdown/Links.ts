/**
 * Where a link inside a conversation may lead: to the web and to a mail program, and never into this client or this machine.
 *
 * L1  http, https and mailto lead somewhere; every other scheme, however it is disguised, leads nowhere.
 * L2  What names no scheme leads nowhere: it would be an address of this node.
 */
const allowed = new Set(["http:", "https:", "mailto:"])

/** The address, cleaned, or `undefined` for one that leads nowhere. */
export const safeHref = (href: string): string | undefined => {
  // Browsers drop these from schemes, so `java\nscript:` is one of them.
  const clean = href.replaceAll(/[\u0000-\u0020\u007f-\u00a0\u200b-\u200f\u2028-\u202e\ufeff]/g, "")
  if (!/^[a-z][a-z0-9+.-]*:/i.test(clean)) return undefined
  try {
    const url = new URL(clean)
    return allowed.has(url.protocol) ? url.href : undefined
  } catch {
    return undefined
  }
}

/** The name of the place, for people: a host, or what stands before it. */
export const placeOf = (href: string): string => {
  try {
    const url = new URL(href)
    return url.host !== "" ? url.host.replace(/^www\./, "") : `${url.protocol}${url.pathname}`.slice(0, 60)
  } catch {
    return href.slice(0, 60)
  }
}
