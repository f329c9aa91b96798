/**
 * What counts as a word: the same for the text that is indexed, for the query, and for the mark in a snippet.
 *
 * T1  Words and their folding are those of SQLite's index, so that a count asked here is the count there.
 * T2  Scripts written without spaces are found by any part of a word, from one character on.
 * T3  Ordinary Latin text is handed to the index as it is.
 * T4  The marks products write for their own eyes are no words: nothing finds them.
 *
 * Chosen for scripts without spaces: each run of them is indexed as its overlapping pairs of characters (and its last
 * character alone), and asked for as a phrase of pairs. Over a trigram index beside the first one: that costs six times the
 * text and cannot find words of two characters, which most Chinese words are; pairs live in the one index, rows of other
 * scripts pay nothing, and the ladder of rare and common words works on them unchanged.
 */

import { readable } from "@vivim/contract/ReadableText"

/** The tokenizer of every index here. Marks count as letters, else Hindi and Thai words break at each vowel sign. */
export const tokenizer = `porter unicode61 remove_diacritics 2 categories ''L* N* Mc Mn''`

/** One UTF-16 unit of these ranges, given in hexadecimal. */
const unitOf = (ranges: string, flags = ""): RegExp =>
  new RegExp(`[${ranges.replace(/[0-9a-f]{4}/g, "\\u$&").replaceAll(" ", "")}]`, flags)

/** Anything that has to be rewritten before it is indexed: scripts without spaces, wide and half-width forms, optional signs. */
const special = unitOf(
  "0591-05c7 0610-061a 0640 064b-065f 0670 06d6-06ed 0e00-109f 1100-11ff 1780-17ff 2e80-9fff a960-a97f ac00-d7ff d840-d8bf " +
    "f900-faff fb1d-fdff fe20-fefe ff00-ffef"
)

/** Vowel points and other signs that are written or left out at will: Hebrew and Arabic. */
const optional = unitOf(
  "0591-05bd 05bf 05c1 05c2 05c4 05c5 05c7 0610-061a 0640 064b-065f 0670 06d6-06dc 06df-06e8 06ea-06ed",
  "g"
)

/** What SQLite would take for letters: symbols younger than its tables (emoji stick to words), what styles them, private use. */
const unlettered = unitOf(
  "0600-0605 061c 061d 2066-2069 20ba-20cf 218a 218b 23f4-23ff 2427-243f 244b-245f 2700 2b4d-2bff d83a-d83e db80-dbff " +
    "e000-f8ff fe00-fe0f"
)
const symbols = /[\p{S}\p{P}\p{Cf}\p{Cn}\p{Co}]|[\ufe00-\ufe0f]/gu

/** A run of a script that is written without spaces. */
const unspaced =
  /(?:(?=[\p{L}\p{M}\p{N}])[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\p{sc=Tibetan}\u30fc\u3006])+/gu

const inWord = /^[\p{L}\p{N}\p{Mc}\p{Mn}]$/u
type Kind = 1 | 2 | 3
/** What is known of each UTF-16 unit: 0 not asked yet, 1 between words, 2 in a word, 3 in a run. */
const kinds = new Uint8Array(65_536)

/** True when a text is not what is indexed of it. */
const isSpecial = (text: string): boolean => special.test(text)

/** Compatibility forms made one, optional signs left out. */
export const normal = (text: string): string => isSpecial(text) ? text.normalize("NFKC").replace(optional, "") : text

/** Overlapping pairs, and the last character alone, so that every single one begins something. */
const pairs = (run: string): ReadonlyArray<string> => {
  const characters = [...run]
  return characters.map((character, i) => character + (characters[i + 1] ?? ""))
}

/** What is handed to the index. */
export const indexed = (text: string): string => {
  const worded = unlettered.test(text) ? readable(text).replace(symbols, " ") : text
  return isSpecial(worded) ? normal(worded).replace(unspaced, (run) => ` ${pairs(run).join(" ")} `) : worded
}

/** Accents the index drops when they stand alone after their letter. */
const accents = unitOf("0300-0304 0306-030c 030f 0311 031b 0323-0328 032d 032e 0330 0331 fe00-fe0f", "g")
const accented = /[\u00c0-\u01df\u01e2-\u024f\u1e00-\u1eff]/g
/** Letters the index takes for another one: the final sigma, the micro sign, the long s, Greek as mathematics writes it. */
const alike = new Map(
  Array.from("ςσµμſsϐβϑθϕφϖπϰκϱρϵε\u1fbe\u03b9".matchAll(/(.)(.)/gu), ([, one, other]) => [one!, other!])
)
const aliked = new RegExp(`[${[...alike.keys()].join("")}]`, "gu")

const unaccented = (letter: string): string => {
  const first = letter.normalize("NFD")[0]!
  const plain = alike.get(first) ?? first
  return plain >= "a" && plain <= "z" ? plain : letter
}

/** Lower case, and Latin letters without their accents, as the index folds them. */
export const fold = (word: string): string => {
  const lower = word.toLowerCase()
  if (/^[\u0000-\u007f]*$/.test(lower)) return lower
  return lower.replace(accented, unaccented).replace(accents, "").replace(aliked, (letter) => alike.get(letter)!)
}

const kindOfCharacter = (character: string): Kind => {
  if (!inWord.test(character)) return 1
  return character.search(unspaced) === 0 ? 3 : 2
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00

/** Tells where each word begins and ends, until told to stop. A run is a word of its own, whatever it touches. */
export const eachWord = (text: string, visit: (start: number, end: number) => boolean): void => {
  let start = 0
  let before: Kind = 1
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    const paired = isHigh(unit) && at + 1 < text.length
    let kind = kinds[unit] as Kind | 0
    if (paired) kind = kindOfCharacter(String.fromCodePoint(text.codePointAt(at)!))
    else if (kind === 0) kind = kinds[unit] = kindOfCharacter(String.fromCharCode(unit))
    if (kind !== before) {
      if (before !== 1 && visit(start, at)) return
      start = at
      before = kind
    }
    if (paired) at++
  }
  if (before !== 1) visit(start, text.length)
}

/** The words of a text, folded. */
export const wordsOf = (text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  eachWord(text, (start, end) => {
    const folded = fold(text.slice(start, end))
    if (folded !== "") found.push(folded)
    return false
  })
  return found
}

/** A piece of a query: words that stand side by side, or a run to be found inside of words. */
export type Piece =
  | { readonly kind: "words"; readonly words: ReadonlyArray<string> }
  | { readonly kind: "run"; readonly run: string }

/** Cuts what was typed between two spaces (or two quotation marks) where scripts meet. */
export const piecesOf = (typed: string): ReadonlyArray<Piece> => {
  const text = normal(readable(typed))
  const pieces: Array<Piece> = []
  const side = (from: number, to: number) => {
    const found = wordsOf(text.slice(from, to))
    if (found.length > 0) pieces.push({ kind: "words", words: found })
  }
  let seen = 0
  for (const match of text.matchAll(unspaced)) {
    side(seen, match.index)
    pieces.push({ kind: "run", run: fold(match[0]) })
    seen = match.index + match[0].length
  }
  side(seen, text.length)
  return pieces
}

/** How a run is asked of the index: as the phrase of its pairs; a single character as a beginning. */
export const pairsOf = (run: string): ReadonlyArray<string> => [...run].length < 2 ? [run] : pairs(run).slice(0, -1)
