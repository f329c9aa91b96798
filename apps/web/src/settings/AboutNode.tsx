/** What the node says about itself, as far as one may see it. */
import { For, type JSX, Show } from "solid-js"
import { connection, watch } from "../node/Node.ts"
import { bytes, count } from "../ui/Counts.ts"
import { exactTime } from "../ui/Times.ts"

const states = { open: "Connected", connecting: "Connecting…", lost: "Reconnecting…" }
const databases = { embedded: "embedded PostgreSQL", server: "PostgreSQL server" }

const Line = (props: { readonly name: string; readonly children: JSX.Element }) => (
  <div class="grid grid-cols-[9rem_minmax(0,1fr)] gap-4 py-1.5">
    <dt class="text-ink-soft">{props.name}</dt>
    <dd class="break-words">{props.children}</dd>
  </div>
)

export const AboutNode = () => {
  const { answer: node } = watch("WatchNode", () => ({}))
  return (
    <dl>
      <Line name="Address">{location.host}</Line>
      <Line name="Line">{states[connection()]}</Line>
      <Show when={node()}>
        {(node) => (
          <>
            <Line name="Version">{node().version}</Line>
            <Line name="Running since">{exactTime(node().startedAt)}</Line>
            <Line name="Database">{databases[node().database.kind]} {node().database.version}</Line>
            <Line name="History">{count(node().log.position)} events</Line>
            <Line name="Memory">{bytes(node().memoryBytes)}</Line>
            <Show when={node().problems.length > 0}>
              <Line name="Problems">
                <ul class="text-danger">
                  <For each={node().problems}>{(problem) => <li>{problem}</li>}</For>
                </ul>
              </Line>
            </Show>
          </>
        )}
      </Show>
    </dl>
  )
}
