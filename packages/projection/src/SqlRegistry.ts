/**
 * Registry views in the node's PostgreSQL: each generation of a view is a schema of its own, and readers see the serving one
 * under stable names in schema `registry`.
 *
 * R1  Rows and checkpoint are written in one transaction: a batch is in the view once, whatever crashes.
 * R2  A new generation is built beside the serving one and swapped in at once; readers never find the view missing.
 * R3  Several processes may keep one view: each fact is in the rows once, whoever was first; each process wakes its own watchers when
 *     it is there; none swaps in rows that lack what another has put into those that serve, nor of an older version.
 * R4  Building anew and comparing end while other processes write without pause.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import { Siblings } from "@vivim/event-store/Siblings"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Fact } from "./Fact.ts"
import * as Rows from "./RegistryRows.ts"
import type { RegistryView } from "./RegistryView.ts"
import * as RowFold from "./RowFold.ts"
import * as SqlCheckpoints from "./SqlCheckpoints.ts"
import { type Compared, EventNotTaken, ServingChanged, type Target, type View, ViewFailure } from "./View.ts"

interface Generation extends Target {
  readonly generation: number
}
type Checkpoints = Effect.Effect.Success<ReturnType<typeof SqlCheckpoints.make>>
interface Ground {
  readonly sql: SqlClient.SqlClient
  readonly checkpoints: Checkpoints
  readonly view: RegistryView<any>
  /** Whether other processes keep it too. */
  readonly shared: boolean
  /** How far this process has followed what serves, whichever generation that was. */
  line: number | undefined
  /** How far each generation has read; its row may trail it over events that leave nothing in the view. */
  readonly seen: Map<number, number>
  readonly stored: Map<number, number>
  /** The generation that serves; undefined until it was asked for. */
  served: Generation | null | undefined
}

/** Events a view may pass over before its checkpoint is written all the same: what a restart reads again. */
const TrailMax = 1_000

const failing = (view: RegistryView<any>) =>
  Effect.mapError((cause: SqlError | ViewFailure) =>
    cause._tag === "ViewFailure" ? cause : new ViewFailure({ view: view.name, position: 0, cause })
  )
/** What PostgreSQL will not keep today it will not keep tomorrow: a value, a type or a column that cannot be (classes 21, 22, 23, some of 42). */
const isFactual = ({ cause }: SqlError) =>
  /^(?:21|22|23|42703|42804)/.test(String((cause as { readonly code?: unknown } | null)?.code))

/** Of the facts one cannot be kept, or PostgreSQL is not to be had. */
const refusing = (view: RegistryView<any>, facts: ReadonlyArray<Fact<any>>, upTo: number) =>
  Effect.mapError((error: SqlError | ServingChanged) => {
    if (error._tag === "ServingChanged") return error
    const [first] = facts
    if (first === undefined || !isFactual(error)) {
      return new ViewFailure({ view: view.name, position: first?.position ?? upTo, cause: error })
    }
    const { event, position, stream, version } = first
    return new EventNotTaken({ view: view.name, position, stream, version, type: event._tag, cause: error.cause })
  })
const schemaOf = ({ view }: Ground, { generation }: { readonly generation: number }) =>
  Rows.schemaOf(view.name, generation)

export const make = Effect.fnUntraced(function*(view: RegistryView<any>) {
  const siblings = yield* Siblings
  const ground: Ground = {
    view,
    sql: yield* SqlClient.SqlClient,
    checkpoints: yield* SqlCheckpoints.make(view.name),
    shared: siblings.present,
    line: undefined,
    seen: new Map(),
    stored: new Map(),
    served: undefined
  }
  // Whoever asks finds the tables, empty at first, before the view has read anything.
  yield* ground.sql.withTransaction(
    Effect.flatMap(
      Effect.zipRight(ground.checkpoints.first, ground.checkpoints.serving),
      (serving) => serving === null ? begin(ground) : Effect.void
    )
  )
  const serving = Effect.suspend(() => ground.served !== undefined ? Effect.succeed(ground.served) : find(ground))
  return {
    name: view.name,
    version: view.version,
    reads: view.reads,
    sees: "routing",
    serving: serving.pipe(failing(view)),
    beside: () =>
      Effect.acquireRelease(begin(ground).pipe(failing(view)), (next) => Effect.orDie(discard(ground, next))),
    still: (work) => still(ground, work),
    swap: (next) => swap(ground, next as Generation).pipe(failing(view)),
    compare: (other) => compare(ground, other as Generation).pipe(failing(view)),
    // Whoever waited for another to build looks again at what serves.
    oneAtATime: (work) =>
      siblings.oneAtATime(`view ${view.name}`, Effect.zipRight(Effect.sync(() => ground.served = undefined), work)),
    parts: null
  } satisfies View
})

/** What serves, as the table has it. An older build makes no rows in the place of those of a newer one that is at work beside it. */
const find = (ground: Ground) =>
  Effect.flatMap(ground.checkpoints.serving, (row): Effect.Effect<Generation | null, ViewFailure> => {
    const { line, seen, shared, view } = ground
    if (shared && row !== null && row.version > view.version) {
      const cause = new Error(`version ${row.version} of it serves, of a newer build than this one`)
      return new ViewFailure({ view: view.name, position: row.position, cause })
    }
    if (row === null || row.version !== view.version) return Effect.succeed(ground.served = null)
    // Every generation that serves holds what those before it held.
    if (line !== undefined && !seen.has(row.generation)) seen.set(row.generation, line)
    return Effect.succeed(ground.served = target(ground, row.generation))
  })

const target = (ground: Ground, generation: number): Generation => {
  const standing = Effect.map(ground.checkpoints.standing(generation), (position) => position ?? 0)
  const saw = (upTo: number) => {
    ground.seen.set(generation, Math.max(upTo, ground.seen.get(generation) ?? 0))
    if (ground.served?.generation === generation) ground.line = Math.max(upTo, ground.line ?? 0)
  }
  return {
    generation,
    position: Effect.suspend(() => {
      const seen = ground.seen.get(generation)
      return seen === undefined ? standing : Effect.succeed(seen)
    }).pipe(failing(ground.view)),
    reach: Effect.map(standing, (position) => Math.max(position, ground.seen.get(generation) ?? 0)).pipe(
      failing(ground.view)
    ),
    apply: (facts, upTo) => {
      const trail = upTo - (ground.stored.get(generation) ?? -Infinity)
      const work = facts.length === 0 && trail < TrailMax
        ? Effect.succeed([])
        : Effect.tap(put(ground, generation, facts, upTo), () => Effect.sync(() => ground.stored.set(generation, upTo)))
      return Effect.tap(work, () => Effect.sync(() => saw(upTo))).pipe(refusing(ground.view, facts, upTo))
    }
  }
}

/** Into the rows, unless another process was there first: then they are there. Whoever watches here is woken in any case. */
const put = (ground: Ground, generation: number, facts: ReadonlyArray<Fact<any>>, upTo: number) =>
  Effect.gen(function*() {
    const last = facts.at(-1)?.position
    const isIn = ground.shared && last !== undefined &&
      ((yield* ground.checkpoints.standing(generation)) ?? -1) >= last
    if (!isIn) yield* ground.sql.withTransaction(apply(ground, generation, facts, upTo))
    const sound = facts.filter(({ broken }) => broken === undefined)
    return [...new Set(sound.flatMap((fact) => ground.view.touches(fact.event as never, fact)))]
  })

const apply = Effect.fnUntraced(
  function*(ground: Ground, generation: number, facts: ReadonlyArray<Fact<any>>, upTo: number) {
    const { checkpoints, sql, view } = ground
    const seen = yield* checkpoints.hold(generation)
    if (seen === null) {
      ground.served = undefined
      return yield* new ServingChanged({ view: view.name })
    }
    const fresh = facts.filter(({ position }) => position > seen)
    const on = view.on as Record<string, (event: any, fact: Fact) => ReadonlyArray<any>>
    const steps = RowFold.fold(view.tables, fresh.flatMap((fact) => opsOf(on, fact)))
    yield* Rows.write(sql, view, schemaOf(ground, { generation }), steps)
    yield* checkpoints.move(generation, upTo)
  }
)

const opsOf = (on: Record<string, (event: any, fact: Fact) => ReadonlyArray<any>>, fact: Fact<any>) => {
  if (fact.broken !== undefined) throw fact.broken.cause
  return on[fact.event._tag]?.(fact.event, fact) ?? []
}

/** Where no generation serves, the new one serves from its first row on. */
const begin = (ground: Ground) =>
  ground.sql.withTransaction(Effect.gen(function*() {
    const { checkpoints, sql, view } = ground
    yield* Effect.forEach(yield* checkpoints.forget("building"), (generation) =>
      Rows.dropSchema(sql, Rows.schemaOf(view.name, generation)))
    const first = (yield* checkpoints.serving) === null
    const generation = yield* checkpoints.begin(view.version, first ? "serving" : "building")
    yield* Rows.create(sql, view, Rows.schemaOf(view.name, generation))
    if (first) {
      yield* Rows.expose(sql, view, Rows.schemaOf(view.name, generation))
    }
    return target(ground, generation)
  })).pipe(Effect.tap(() =>
    Effect.sync(() => ground.served = undefined)
  ))

/** A reader that holds the old rows while it waits for the new ones would wait for us as we for it: we let go first, and try again. */
const LockMsMax = 50
const isLocked = (error: unknown) =>
  error instanceof ViewFailure && error.cause instanceof SqlError &&
  ["55P03", "40P01"].includes(String((error.cause.cause as { readonly code?: unknown } | null)?.code))
const again = Schedule.jittered(Schedule.spaced("25 millis"))

/** With the row of what serves held, nobody brings it further: whoever would waits for as long as one catching up and one swap take. */
const still = <A, E, R>(ground: Ground, work: (reach: number) => Effect.Effect<A, E, R>) =>
  ground.sql.withTransaction(
    Effect.flatMap(failing(ground.view)(ground.checkpoints.holdServing), (now) => work(now?.position ?? 0))
  ).pipe(
    // Only beginning and committing the transaction leave it as they are.
    Effect.mapError((error) =>
      error instanceof SqlError
        ? new ViewFailure({ view: ground.view.name, position: 0, cause: error })
        : error as E | ViewFailure
    ),
    Effect.retry({ while: isLocked, schedule: again })
  )

const swap = (ground: Ground, next: Generation) =>
  Effect.gen(function*() {
    const { checkpoints, sql, view } = ground
    const now = yield* checkpoints.serving
    if (now?.generation === next.generation) return
    yield* sql.unsafe(`SET LOCAL lock_timeout = ${LockMsMax}`)
    if (now !== null) yield* Rows.lock(sql, schemaOf(ground, now))
    yield* Rows.expose(sql, view, schemaOf(ground, next))
    for (const generation of yield* checkpoints.forget("serving")) {
      yield* Rows.dropSchema(sql, Rows.schemaOf(view.name, generation))
    }
    yield* checkpoints.serve(next.generation)
  }).pipe(Effect.tap(() => Effect.sync(() => ground.served = undefined)))

/** Throws a generation away, unless it serves by now. */
const discard = (ground: Ground, next: Generation) =>
  ground.sql.withTransaction(Effect.gen(function*() {
    if ((yield* ground.checkpoints.serving)?.generation === next.generation) return
    yield* ground.checkpoints.forget(next.generation)
    yield* Rows.dropSchema(ground.sql, schemaOf(ground, next))
  }))

const compare = (ground: Ground, other: Generation) =>
  Effect.gen(function*() {
    const now = yield* ground.checkpoints.serving
    if (now === null || now.version !== ground.view.version) {
      return { rows: 0, differences: [`${ground.view.name} is not built`] } satisfies Compared
    }
    const tables = yield* Effect.forEach(
      Object.keys(ground.view.tables),
      (name) => Rows.compare(ground.sql, name, schemaOf(ground, now), schemaOf(ground, other))
    )
    return {
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      differences: tables.flatMap(({ differences }) => differences)
    } satisfies Compared
  })
