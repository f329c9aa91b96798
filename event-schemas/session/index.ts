/** Everything that can ever have happened to the sessions of a user, and to what opens them. */
import * as Event from "../Event.ts"
import { AccountExported } from "./AccountExported.ts"
import { CounterWentBack } from "./CounterWentBack.ts"
import { MeansAdded } from "./MeansAdded.ts"
import { MeansRemoved } from "./MeansRemoved.ts"
import { RefreshReused } from "./RefreshReused.ts"
import { SessionEnded } from "./SessionEnded.ts"
import { SessionOpened } from "./SessionOpened.ts"

export { AccountExported, CounterWentBack, MeansAdded, MeansRemoved, RefreshReused, SessionEnded, SessionOpened }

export const SessionEvents = Event.vocabulary(
  AccountExported,
  CounterWentBack,
  MeansAdded,
  MeansRemoved,
  RefreshReused,
  SessionEnded,
  SessionOpened
)
export type SessionEvent = Event.Type<(typeof SessionEvents.events)[number]>
