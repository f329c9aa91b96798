/** What the node says about itself, as far as one may see it. */
import { For, type JSX, Show } from "solid-js"
import type { Answer } from "../node/Calls.ts"
import { connection, watch } from "../node/Node.ts"
import { bytes, counted } from "../ui/Counts.ts"
import { Stroke } from "../ui/Late.tsx"
import { exactTime } from "../ui/Times.ts"

const states = { open: "Connected", connecting: "Connecting…", lost: "Reconnecting…" }
const databases = { embedded: "embedded PostgreSQL", server: "PostgreSQL server" }

const Line = (props: { readonly name: string; readonly children: JSX.Element }) => (
  <div class="grid grid-cols-[9rem_minmax(0,1fr)] gap-4 py-1.5">
    <dt class="text-ink-soft">{props.name}</dt>
    <dd class="break-words">{props.children}</dd>
  </div>
)

/** What is not known yet takes as much room as what will be. */
const Unknown = () => <Stroke class="my-1.5 w-32" />

export const AboutNode = () => {
  const { answer: node, refusal } = watch("WatchNode", () => ({}))
  const told = (tell: (node: Answer<"WatchNode">) => string) => (
    <Show when={node()} fallback={<Unknown />}>{(node) => <>{tell(node())}</>}</Show>
  )
  return (
    <dl>
      <Line name="Address">{location.host}</Line>
      <Line name="Line">{states[connection()]}</Line>
      <Show
        when={refusal() === undefined}
        fallback={<Line name="All else">What more there is to say is said to those who run the node.</Line>}
      >
        <Line name="Version">{told(({ version }) => version)}</Line>
        <Line name="Running since">{told(({ startedAt }) => exactTime(startedAt))}</Line>
        <Line name="Database">{told(({ database }) => `${databases[database.kind]} ${database.version}`)}</Line>
        <Line name="History">{told(({ log }) => counted(log.position, "event"))}</Line>
        <Line name="Memory">{told(({ memoryBytes }) => bytes(memoryBytes))}</Line>
      </Show>
      <Show when={node()?.problems.length}>
        <Line name="Problems">
          <ul class="text-danger">
            <For each={node()?.problems}>{(problem) => <li>{problem}</li>}</For>
          </ul>
        </Line>
      </Show>
    </dl>
  )
}
