/** What a reader has to say about one conversation: each remark once, and how often where that is worth knowing. */

export class Notes {
  readonly #remarks = new Set<string>()
  readonly #counts = new Map<string, number>()

  add(remark: string): void {
    this.#remarks.add(remark)
  }

  /** A remark about so many things; none about none. */
  count(remark: string, times = 1): void {
    if (times > 0) this.#counts.set(remark, (this.#counts.get(remark) ?? 0) + times)
  }

  list(): ReadonlyArray<string> {
    return [...this.#remarks, ...[...this.#counts].map(([remark, times]) => `${remark}: ${times}`)]
  }
}
