/** Minds pots of tea for tests: whoever fills one is poured a first cup at once, and a second when the tea has drawn. */
import type * as Event from "@vivim/event-schemas/Event"
import * as Process from "@vivim/process/Process"
import { Filled, Poured, Tea, TeaEvents } from "./Tea.ts"

/** How long tea draws. */
const drawMs = 50

const potOf = (stream: string) => stream.slice("tea/".length) as never

export const waiter: Process.Any = Process.make<typeof Filled | typeof Poured>({
  name: "waiter",
  version: 1,
  reads: TeaEvents as Event.Vocabulary<any>,
  asks: [Tea.address],
  key: (_, { stream }) => stream,
  react: {
    "tea.Filled": ({ owner }, { at, stream }) => [
      Process.ask(Tea.address, "Pour", { pot: potOf(stream), note: "first" }, owner),
      Process.setTimer("drawn", at + drawMs, { pot: potOf(stream), owner })
    ]
  },
  onTimer: ({ payload }) => [Process.ask(Tea.address, "Pour", { pot: payload.pot, note: "second" }, payload.owner)]
})
