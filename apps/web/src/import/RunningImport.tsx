/** An import under way on the node: how much of the file is read, and what came of it so far. */
import { A } from "@solidjs/router"
import { createSignal, For } from "solid-js"
import type { Answer } from "../node/Calls.ts"
import { ask } from "../node/Node.ts"
import { Button } from "../ui/Button.tsx"
import { bytes, count } from "../ui/Counts.ts"
import { sentenceOfError } from "../ui/Notice.tsx"
import { Progress } from "../ui/Progress.tsx"
import { toast } from "../ui/Toasts.tsx"
import { formatName } from "./Formats.ts"

export type Status = Answer<"WatchImports">[number]

const Figures = (props: { readonly status: Status }) => {
  const figures = () => [
    { name: "conversations", count: props.status.counts.conversations.found },
    { name: "messages kept", count: props.status.counts.nodes.kept },
    { name: "hidden", count: props.status.counts.nodes.hidden },
    {
      name: "quarantined",
      count: props.status.counts.nodes.quarantined + props.status.counts.conversations.quarantined
    }
  ]
  return (
    <dl class="mt-3 flex flex-wrap gap-x-6 gap-y-1 text-sm">
      <For each={figures()}>
        {(figure) => (
          <div class="flex items-baseline gap-1.5">
            <dd class="font-serif text-lg tabular-nums">{count(figure.count)}</dd>
            <dt class="text-ink-soft">{figure.name}</dt>
          </div>
        )}
      </For>
    </dl>
  )
}

export const RunningImport = (props: { readonly status: Status }) => {
  const [cancelling, setCancelling] = createSignal(false)
  const cancel = async () => {
    setCancelling(true)
    try {
      await ask("CancelImport", { importId: props.status.importId })
      toast("Stopped. What had come in stays.")
    } catch (error) {
      toast(sentenceOfError(error), { kind: "trouble" })
      setCancelling(false)
    }
  }
  return (
    <article class="rounded-lg border border-line bg-raised p-4">
      <div class="flex flex-wrap items-start justify-between gap-3">
        <div class="min-w-0 flex-1">
          <h2 class="truncate font-medium" dir="auto">
            <A href={`/import/${encodeURIComponent(props.status.importId)}`} class="hover:underline">
              {props.status.name}
            </A>
          </h2>
          <p class="text-sm text-ink-soft">
            {formatName(props.status.format)}, {bytes(props.status.bytes.read)} of {bytes(props.status.bytes.total)}
          </p>
        </div>
        <Button size="small" busy={cancelling()} onClick={() => void cancel()}>Stop</Button>
      </div>
      <div class="mt-3">
        <Progress
          label={`Importing ${props.status.name}`}
          value={props.status.bytes.read}
          max={props.status.bytes.total}
        />
      </div>
      <Figures status={props.status} />
    </article>
  )
}
