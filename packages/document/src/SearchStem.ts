/**
 * The stem of an English word, exactly as SQLite's full-text index makes it: so that what the index calls a word can be said here too.
 *
 * M1  The stem of any token is the one SQLite's porter tokenizer keeps.
 * M2  A word still being typed leads to the stems it may yet become.
 *
 * Source: M. F. Porter, An algorithm for suffix stripping, Program 14 (1980), with the corrections SQLite carries.
 */

const isVowel = (c: number, afterConsonant: boolean): boolean =>
  c === 97 || c === 101 || c === 105 || c === 111 || c === 117 || (afterConsonant && c === 121)

/** How often a vowel is followed by a consonant; two stand for more. */
const measure = (word: string, length: number): number => {
  let consonant = false
  let pairs = 0
  for (let i = 0; i < length && pairs < 2; i++) {
    const before = consonant || i === 0
    const vowel = isVowel(word.charCodeAt(i), i === 0 ? false : consonant)
    if (!vowel && !before) pairs++
    consonant = !vowel
  }
  return pairs
}

const hasVowel = (word: string, length: number): boolean => {
  for (let i = 0; i < length; i++) if (isVowel(word.charCodeAt(i), i > 0)) return true
  return false
}

/** Ends in consonant, vowel, consonant, the last of them not w, x or y. */
const endsShort = (word: string, length: number): boolean => {
  const last = word.charCodeAt(length - 1)
  if (length < 3 || last === 119 || last === 120 || last === 121) return false
  let consonant = false
  let pattern = 0
  for (let i = 0; i < length; i++) {
    consonant = !isVowel(word.charCodeAt(i), consonant)
    pattern = (pattern << 1) | (consonant ? 1 : 0)
  }
  return (pattern & 7) === 5
}

/** Ending, and what takes its place; of the endings that fit only the first is looked at. */
type Rule = readonly [ending: string, instead: string]

const step2: ReadonlyArray<Rule> = [
  ["ational", "ate"],
  ["tional", "tion"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["izer", "ize"],
  ["logi", "log"],
  ["bli", "ble"],
  ["alli", "al"],
  ["entli", "ent"],
  ["eli", "e"],
  ["ousli", "ous"],
  ["ization", "ize"],
  ["ation", "ate"],
  ["ator", "ate"],
  ["alism", "al"],
  ["iveness", "ive"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["aliti", "al"],
  ["iviti", "ive"],
  ["biliti", "ble"]
]
const step3: ReadonlyArray<Rule> = [
  ["ical", "ic"],
  ["ness", ""],
  ["icate", "ic"],
  ["iciti", "ic"],
  ["ful", ""],
  ["ative", ""],
  ["alize", "al"]
]
const step4: ReadonlyArray<Rule> = [
  "al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize".split(" ")
].flat().map((ending) => [ending, ""])

/** Rules by the letter before the last, which is how few of them ever need to be looked at. */
const indexed = (rules: ReadonlyArray<Rule>): ReadonlyMap<number, ReadonlyArray<Rule>> => {
  const byLetter = new Map<number, Array<Rule>>()
  for (const rule of rules) {
    const letter = rule[0].charCodeAt(rule[0].length - 2)
    byLetter.set(letter, [...byLetter.get(letter) ?? [], rule])
  }
  return byLetter
}

const [second, third, fourth] = [indexed(step2), indexed(step3), indexed(step4)]

const replaceEnding = (word: string, rules: ReturnType<typeof indexed>, measureMin: 1 | 2): string => {
  for (const [ending, instead] of rules.get(word.charCodeAt(word.length - 2)) ?? []) {
    if (word.length <= ending.length || !word.endsWith(ending)) continue
    const length = word.length - ending.length
    const fits = measure(word, length) >= measureMin &&
      (ending !== "ion" || word[length - 1] === "s" || word[length - 1] === "t")
    return fits ? word.slice(0, length) + instead : word
  }
  return word
}

const withoutPlural = (word: string): string => {
  if (!word.endsWith("s") || word.endsWith("ss")) return word
  if (!word.endsWith("es")) return word.slice(0, -1)
  const two = (word.length > 4 && word.endsWith("sses")) || (word.length > 3 && word.endsWith("ies"))
  return word.slice(0, two ? -2 : -1)
}

const withoutPast = (word: string): string => {
  if (word.length > 3 && word.endsWith("eed")) {
    return measure(word, word.length - 3) > 0 ? word.slice(0, -1) : word
  }
  const cut = word.length > 2 && word.endsWith("ed") ? 2 : word.length > 3 && word.endsWith("ing") ? 3 : 0
  if (cut === 0 || !hasVowel(word, word.length - cut)) return word
  const rest = word.slice(0, -cut)
  if (rest.length > 2 && (rest.endsWith("at") || rest.endsWith("bl") || rest.endsWith("iz"))) return `${rest}e`
  const last = rest.charCodeAt(rest.length - 1)
  if (!isVowel(last, false) && !"lsz".includes(rest.at(-1)!) && last === rest.charCodeAt(rest.length - 2)) {
    return rest.slice(0, -1)
  }
  return measure(rest, rest.length) === 1 && endsShort(rest, rest.length) ? `${rest}e` : rest
}

const withoutFinalE = (word: string): string => {
  if (!word.endsWith("e")) return word
  const length = word.length - 1
  const pairs = measure(word, length)
  return pairs > 1 || (pairs === 1 && !endsShort(word, length)) ? word.slice(0, -1) : word
}

const porter = (token: string): string => {
  let word = withoutPast(withoutPlural(token))
  if (word.endsWith("y") && hasVowel(word, word.length - 1)) word = `${word.slice(0, -1)}i`
  word = replaceEnding(word, second, 1)
  word = replaceEnding(word, third, 1)
  word = replaceEnding(word, fourth, 2)
  word = withoutFinalE(word)
  return word.length > 1 && word.endsWith("ll") && measure(word, word.length - 1) > 1 ? word.slice(0, -1) : word
}

const ascii = /^[\u0000-\u007f]*$/

/** The stem of a folded token. SQLite counts in bytes of UTF-8, from three to sixty-four. */
export const stem = (token: string): string => {
  if (ascii.test(token)) return token.length < 3 || token.length > 64 ? token : porter(token)
  const bytes = Buffer.from(token)
  if (bytes.length < 3 || bytes.length > 64) return token
  return Buffer.from(porter(bytes.toString("latin1")), "latin1").toString()
}

const endings =
  ("ing ed s es er ers ion ions ional ation ations ational ator ization izations ity ities ies ness iveness fulness " +
    "ousness ment ments ement able ible ability ibility ance ence ant ent al ally alize ive ful ous ously ly ism ist")
    .split(" ")

/**
 * Words that `typed` may be on its way to and whose stem does not begin with it, one per stem: behind `runni` stands
 * `running`, and in the index that is `run`. What does begin with it a prefix query finds by itself.
 */
export const completions = (typed: string): ReadonlyArray<string> => {
  const words = new Map<string, string>()
  for (const ending of endings) {
    for (let shared = Math.min(ending.length, typed.length - 1); shared >= 0; shared--) {
      if (!typed.endsWith(ending.slice(0, shared))) continue
      const word = typed + ending.slice(shared)
      const stemmed = stem(word)
      if (!stemmed.startsWith(typed) && !words.has(stemmed)) words.set(stemmed, word)
    }
  }
  return [...words.values()]
}
