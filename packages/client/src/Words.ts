/**
 * The words of a search, found again in a text so that they can be marked.
 *
 * Q1  Words, "phrases" (also with the second quote missing) and the unfinished last word are looked for; what is asked
 *     away with a minus is not.
 * Q2  A word is found at the beginning of words, whatever its case, accents or common English ending.
 * Q3  Whatever is typed is only text: no part of it acts as a pattern, and nothing typed finds nothing.
 * Q5  A text is held to have a query's words when it has all of them, and none that was asked away.
 * Q4  What is found is where it is in the text as given, in order, without overlaps.
 */
export interface Found {
  readonly start: number
  readonly end: number
}

/** Lower case and without accents, unit by unit: what is at an index stays at that index. */
export const fold = (text: string): string => {
  let folded = ""
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    folded += char < "\u0080" ? char.toLowerCase() : (char.normalize("NFD")[0] ?? char).toLowerCase()[0] ?? char
  }
  return folded
}

/** As much of a word as its other forms share with it. */
const stem = (word: string): string => {
  if (word.length < 5) return word
  const stemmed = word.replace(/(?:(?<=[st])ions?|ingly|edly|ing|ies|ed|es|ly|s|e|y)$/, "")
  return stemmed.length < 3 ? word : stemmed
}

const inWord = "[\\p{L}\\p{N}_]"
/** Scripts written without spaces have no beginnings of words. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u

const escape = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")

/** What a query looks for, and what must not be there: words and phrases, folded. */
const partsOf = (query: string) => {
  const [wanted, unwanted] = [new Set<string>(), new Set<string>()]
  for (const [, minus, phrase, word] of fold(query).matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/gu)) {
    const terms = minus === "-" ? unwanted : wanted
    // A word may hold signs the index does not keep: what is between them are its words.
    const words = (phrase ?? word ?? "").split(/[^\p{L}\p{N}_]+/u).filter((part) => part !== "")
    if (phrase === undefined) { for (const one of words) terms.add(one) }
    else if (words.length > 0) terms.add(words.join(" "))
  }
  return { wanted: [...wanted], unwanted: [...unwanted] }
}

/** What a query looks for: its words and phrases, folded. */
export const termsOf = (query: string): ReadonlyArray<string> => partsOf(query).wanted

const patternOf = (term: string): string => {
  const words = term.split(" ")
  if (words.length > 1) return `(?<!${inWord})${words.map(escape).join("[^\\p{L}\\p{N}_]+")}`
  return unspaced.test(term) ? escape(term) : `(?<!${inWord})${escape(stem(term))}${inWord}*`
}

/** A function that finds the words of a query in any text. */
export const finderOf = (query: string): (text: string) => ReadonlyArray<Found> => {
  const terms = termsOf(query)
  if (terms.length === 0) return () => []
  // Longer first: of two terms that begin at the same place the longer is marked.
  const pattern = new RegExp(terms.toSorted((a, b) => b.length - a.length).map(patternOf).join("|"), "gu")
  return (text) =>
    [...fold(text).matchAll(pattern)].map(({ index, 0: found }) => ({ start: index, end: index + found.length }))
}

/** A function that says whether a text, folded, holds all that a query looks for, and nothing of what must not be there; null: it looks for nothing. */
export const holderOf = (query: string): ((folded: string) => boolean) | null => {
  const { unwanted, wanted } = partsOf(query)
  if (wanted.length === 0) return null
  /** That a text has the letters at all is found out much faster than that they begin a word. */
  const look = (term: string) => {
    const letters = unspaced.test(term) ? term : stem(term.split(" ")[0]!)
    const pattern = new RegExp(patternOf(term), "u")
    return (text: string) => text.includes(letters) && pattern.test(text)
  }
  const [all, none] = [wanted.map(look), unwanted.map(look)]
  return (folded) => all.every((has) => has(folded)) && !none.some((has) => has(folded))
}
