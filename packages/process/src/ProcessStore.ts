/**
 * Where processes keep what they have decided: how far each has read, the steps that wait, what it remembers, what was refused.
 *
 * P1  A decision is kept whole or not at all: the checkpoint with its steps, the end of a step with what follows from it.
 * P2  Whoever decides from another place than the checkpoint's decides nothing: of several readers one goes on.
 * P3  A step is claimed by one at a time, and again when the claim has run out; it ends once, by whoever claimed it last.
 * P4  Steps of a key are handed out in the order they were decided, one at a time; timers when they are due, each on its own.
 * P5  A timer is known by its key and name: set again it moves, cancelled it is gone, also under the hands of who claimed it.
 * P6  A stuck step waits with its key until it is retried or dropped; the steps of other keys go on.
 * P7  What waits is found by its time: the next due moment is that of the first step which can be claimed.
 * P8  A stuck step is given up once that is recorded, and nobody can do anything else about it meanwhile.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as MemoryProcessStore from "./MemoryProcessStore.ts"
import type { Claimed, NewStep, Postponed, Step, StuckStep } from "./Step.ts"

/** The store could not be reached or did not answer. Nobody knows whether it was kept: begin again at the checkpoint. */
export class ProcessStoreError extends Schema.TaggedError<ProcessStoreError>()("ProcessStoreError", {
  doing: Schema.String,
  cause: Schema.Defect
}) {}

/** What a decision is made on. */
export interface Known {
  /** What is remembered of the keys asked for, as it was encoded. */
  readonly memories: ReadonlyMap<string, unknown>
  /** Those of the keys that have an event parked. */
  readonly parked: ReadonlySet<string>
  /** Those of the steps that are still to be ended. */
  readonly held: ReadonlySet<string>
}

/** A refusal, kept for who looks into what a process did; the newest of each process are. */
export interface KeptRefusal {
  readonly id: string
  readonly key: string
  readonly command: string
  readonly refusal: string
  readonly at: number
}

export interface Decided {
  readonly ended: ReadonlyArray<string>
  /** Steps that stay, stuck. */
  readonly stuck: ReadonlyArray<{ readonly id: string; readonly reason: string }>
  /** In order. A timer takes the place of the one with its key and name. */
  readonly steps: ReadonlyArray<NewStep>
  readonly cancelled: ReadonlyArray<{ readonly key: string; readonly name: string }>
  /** Encoded; null forgets. */
  readonly memories: ReadonlyMap<string, unknown>
  readonly refused: ReadonlyArray<KeptRefusal>
}

export interface Decision {
  readonly process: string
  readonly now: number
  /** Where the checkpoint must stand and where it is to go; null leaves it. */
  readonly moves: { readonly from: number; readonly to: number } | null
  readonly ends: ReadonlyArray<Claimed>
  /** The keys whose memory and parked events the decision needs. */
  readonly keys: ReadonlyArray<string>
  readonly decide: (known: Known) => Decided
}

/** What waits, by kind, and what became of the rest. */
export interface Figures {
  readonly position: number
  /** Commands that wait or are being asked. */
  readonly waiting: number
  readonly timers: number
  readonly stuck: number
  readonly ended: number
  readonly refused: number
}

export class ProcessStore extends Context.Tag("@vivim/process/ProcessStore")<ProcessStore, {
  /** Where the process goes on reading; from the log's beginning when it is new. */
  readonly begin: (process: string, version: number) => Effect.Effect<number, ProcessStoreError>
  /** Decides and keeps it. False when the checkpoint stands elsewhere: then nothing was decided. */
  readonly decide: (decision: Decision) => Effect.Effect<boolean, ProcessStoreError>
  /** Takes on steps that are due, until a time. */
  readonly claim: (
    process: string,
    now: number,
    until: number,
    max: number
  ) => Effect.Effect<ReadonlyArray<Step>, ProcessStoreError>
  readonly postpone: (process: string, steps: ReadonlyArray<Postponed>) => Effect.Effect<void, ProcessStoreError>
  /** When the next step can be claimed; null when nothing waits. */
  readonly nextDue: (process: string) => Effect.Effect<number | null, ProcessStoreError>
  /** Gives back all that is claimed, as if the claims had run out. For who knows that nobody else is at work. */
  readonly release: (process: string) => Effect.Effect<void, ProcessStoreError>
  readonly figures: (process: string) => Effect.Effect<Figures, ProcessStoreError>
  /** The steps that are stuck, those of longest ago first. */
  readonly stuck: (max: number) => Effect.Effect<ReadonlyArray<StuckStep>, ProcessStoreError>
  /** Lets a stuck step be tried again at once; false when there is none. */
  readonly retry: (process: string, id: string, now: number) => Effect.Effect<boolean, ProcessStoreError>
  /** Lets all that waits for this reason be tried at once. */
  readonly hurry: (process: string, reason: string, now: number) => Effect.Effect<void, ProcessStoreError>
  /**
   * Gives a stuck step up, and answers what recording it came to; null when there is none. It is recorded while nobody else can do
   * anything about the step, and before it goes: what could not be recorded stays.
   */
  readonly drop: <A, E>(
    process: string,
    id: string,
    record: (step: StuckStep) => Effect.Effect<A, E>
  ) => Effect.Effect<A | null, E | ProcessStoreError>
  /** The newest refusals of a process, newest first. */
  readonly refusals: (process: string) => Effect.Effect<ReadonlyArray<KeptRefusal>, ProcessStoreError>
}>() {
  /** The twin in memory, for tests and trials. */
  static readonly layerMemory: Layer.Layer<ProcessStore> = Layer.suspend(() =>
    Layer.effect(ProcessStore, MemoryProcessStore.make)
  )
}
