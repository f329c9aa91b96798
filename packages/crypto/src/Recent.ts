/** Memories of bounded size: what was kept longest ago is forgotten first. */

export class Recent<A> {
  readonly #max: number
  readonly #kept = new Map<string, A>()

  constructor(max: number) {
    this.#max = max
  }

  has(key: string): boolean {
    return this.#kept.has(key)
  }

  get(key: string): A | undefined {
    return this.#kept.get(key)
  }

  /** Whoever keeps a thing again keeps it from now on. */
  set(key: string, value: A): void {
    this.#kept.delete(key)
    this.#kept.set(key, value)
    if (this.#kept.size > this.#max) this.#kept.delete(this.#kept.keys().next().value!)
  }
}

/** `find`, asked once for each `of` as long as the answer is remembered; `name` tells them apart. */
export const remembering = <Of, A>(
  max: number,
  name: (of: Of) => string,
  find: (of: Of) => A
): (of: Of) => A => {
  const known = new Recent<A>(max)
  return (of) => {
    const key = name(of)
    let found = known.get(key)
    if (found === undefined && !known.has(key)) known.set(key, found = find(of))
    return found as A
  }
}
