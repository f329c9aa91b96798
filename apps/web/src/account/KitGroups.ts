/**
 * Groups of a kit as people type them, as far as a page must understand them before the machinery of keys is there.
 *
 * K1  What was printed is recognised however it was typed: capital or small, with O for 0, I or L for 1, and with spaces.
 * K2  Two groups are asked back: never the first or the last, which one still sees with half an eye, and never the same.
 */
const plain = (typed: string): string =>
  typed.toUpperCase().replaceAll(/[\s\p{Pd}_.,]+/gu, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1")

export const isSameGroup = (typed: string, group: string): boolean => plain(typed) === plain(group)

/** Which groups are asked back, from 0, in the order of the paper. `random` gives numbers from 0 to below 1. */
export const askedGroups = (groups: number, random: () => number): readonly [number, number] => {
  const inner = groups - 2
  const one = Math.floor(random() * inner)
  const other = (one + 1 + Math.floor(random() * (inner - 1))) % inner
  return one < other ? [one + 1, other + 1] : [other + 1, one + 1]
}
