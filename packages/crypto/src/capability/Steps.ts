/** A bound on work that is the same under any load: steps, not time. */

/** More was asked for than may be done. */
export class StepsSpent extends Error {}

export class Steps {
  #left: number

  constructor(max: number) {
    this.#left = max
  }

  /** Throws `StepsSpent` when there are not so many left. */
  take(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new StepsSpent()
  }
}
