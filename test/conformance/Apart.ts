/** Runs something apart from the world: whoever asks the clock or the dice meanwhile is told off. */

const asked = (what: string) => () => {
  throw new Error(`it asked ${what}`)
}

class NoDate extends Date {
  constructor(...given: ReadonlyArray<unknown>) {
    if (given.length === 0) asked("what time it is")()
    super(...given as [number])
  }
  static override readonly now = asked("what time it is")
}

/** The clock and the dice are back when it ends, however it ends. `work` is synchronous. */
export const apart = <A>(work: () => A): A => {
  const kept = { Date: globalThis.Date, random: Math.random, now: performance.now }
  const { crypto } = globalThis
  const random = { randomUUID: crypto.randomUUID, getRandomValues: crypto.getRandomValues }
  Object.assign(globalThis, { Date: NoDate })
  Object.assign(Math, { random: asked("the dice") })
  Object.assign(performance, { now: asked("what time it is") })
  Object.assign(crypto, { randomUUID: asked("the dice"), getRandomValues: asked("the dice") })
  try {
    return work()
  } finally {
    Object.assign(globalThis, { Date: kept.Date })
    Object.assign(Math, { random: kept.random })
    Object.assign(performance, { now: kept.now })
    Object.assign(crypto, random)
  }
}
