/** What must be known before appends are refused: whether their ids are stated already, and where the streams stand. */
import * as Effect from "effect/Effect"
import type { Round } from "./AppendPlan.ts"
import type { Place } from "./Place.ts"
import { textArray, uuidArray } from "./PostgresArrays.ts"
import type { Session, SessionError } from "./PostgresSession.ts"

/** What is known of appends that are about to be refused. */
export interface Found {
  /** Where ids that were asked for lie already. */
  readonly taken: ReadonlyMap<string, Place>
  /** Where the streams stand, by name. */
  readonly stands: ReadonlyMap<string, number>
}

type Doomed = Pick<Round, "doomed">

const itself = (text: string): string => text
const idsOf = ({ doomed }: Doomed) => doomed.flatMap(({ waiting }) => waiting.events.map(({ id }) => id))
/** Where a rival's stream stands is known with what becomes of the round. */
const streamsOf = ({ doomed }: Doomed) => [
  ...new Set(doomed.flatMap(({ rival, waiting }) => rival ? [] : [waiting.stream]))
]

/** What is to be known before the doomed of a round are refused: as of one moment, so in one statement. */
export const findText = `select jsonb_build_object(
  'taken', (select jsonb_agg(jsonb_build_array(t.event_id, t.stream, t.version, t.position, encode(t.hash, 'hex')))
    from unnest($1::uuid[]) i(id) join event t on t.event_id = i.id),
  'stands', (select jsonb_object_agg(s.stream, coalesce(h.version, 0)) from unnest($2::text[]) s(stream) left join lateral (
    select version from event where stream = s.stream order by stream desc, version desc limit 1) h on true))`

/** The two values of it. */
export const findValues = (round: Doomed): readonly [ids: Buffer, streams: Buffer] => [
  uuidArray(idsOf(round), itself),
  textArray(streamsOf(round), itself)
]

/** For a round that writes nothing. */
export const find = (session: Session, round: Doomed): Effect.Effect<Found, SessionError> =>
  Effect.map(
    session.ask({ name: "find", text: findText, values: [...findValues(round)] }),
    ([row]) => foundIn(row![0])
  )

export const foundIn = (told: any): Found => ({
  taken: new Map(
    told?.taken?.map(([id, stream, version, position, hash]: [string, string, number, number, string]) => [
      id,
      { stream, version, position, hash: Buffer.from(hash, "hex") }
    ])
  ),
  stands: new Map(Object.entries(told?.stands ?? {}))
})
