/** A memory of bounded size: what was not asked for longest is forgotten first. */
export class Recent<A> {
  readonly #max: number
  readonly #kept = new Map<string, A>()

  constructor(max: number) {
    this.#max = max
  }

  get(key: string): A | undefined {
    return this.#kept.get(key)
  }

  set(key: string, value: A): void {
    this.#kept.delete(key)
    this.#kept.set(key, value)
    if (this.#kept.size > this.#max) this.#kept.delete(this.#kept.keys().next().value!)
  }
}
