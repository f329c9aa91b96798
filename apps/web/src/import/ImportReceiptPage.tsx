/** The receipt of an import: sums that add up, and every conversation of the file with what became of it and why. */
import { A, useParams } from "@solidjs/router"
import ArrowLeft from "lucide-solid/icons/arrow-left"
import FileQuestion from "lucide-solid/icons/file-question-mark"
import { createEffect, createMemo, createSignal, For, Match, on, Show, Switch } from "solid-js"
import { PageTitle } from "../app/PageTitle.tsx"
import type { Answer, Payload, Refusal } from "../node/Calls.ts"
import { Refused } from "../node/Calls.ts"
import { ask, watch } from "../node/Node.ts"
import { announce } from "../ui/Announcer.tsx"
import { bytes } from "../ui/Counts.ts"
import { Late, Stroke } from "../ui/Late.tsx"
import { Notice, sentenceOf } from "../ui/Notice.tsx"
import { exactTime } from "../ui/Times.ts"
import { formatName } from "./Formats.ts"
import { outcomeOf } from "./ImportHistory.tsx"
import { ReceiptItems } from "./ReceiptItems.tsx"
import { RunningImport, type Status } from "./RunningImport.tsx"
import { sumsOf } from "./Sums.ts"
import { SumView } from "./SumView.tsx"

const Waiting = () =>
  <Late>
    <div class="mt-8 space-y-4">
      <Stroke class="w-2/3" />
      <Stroke class="w-1/3" />
    </div>
  </Late>

/** The items of the receipt, once there is one. */
const createReceipt = (status: () => Status | undefined) => {
  const [receipt, setReceipt] = createSignal<Answer<"ReadImportReceipt">>()
  const [refusal, setRefusal] = createSignal<Refusal>()
  const finished = createMemo(
    () => (status()?.state === "imported" || status()?.state === "cancelled" ? status()?.importId : undefined)
  )
  createEffect(on(finished, (importId) => {
    setReceipt(undefined)
    if (importId === undefined) return
    ask("ReadImportReceipt", { importId }).then(
      (receipt) => setReceipt(receipt),
      (error) => setRefusal(error instanceof Refused ? error.refusal : { _tag: "Mistake" })
    )
  }))
  return { receipt, refusal }
}

const ImportReceiptPage = () => {
  const params = useParams<{ importId: string }>()
  const watched = watch("WatchImport", () => ({ importId: params.importId as Payload<"WatchImport">["importId"] }))
  const { receipt, refusal } = createReceipt(watched.answer)
  createEffect(on(() => watched.answer()?.state, (state, before) => {
    if (before === "running" && state !== "running") announce(outcomeOf(watched.answer()!))
  }))
  return (
    <>
      <PageTitle title={watched.answer()?.name ?? "Import"} />
      <div class="mx-auto max-w-3xl px-5 pt-6 pb-16">
        <A
          href="/import"
          class="inline-flex items-center gap-2 rounded-md py-2 pe-2 text-sm text-ink-soft hover:text-ink"
        >
          <ArrowLeft size={16} aria-hidden="true" class="rtl:rotate-180" />All imports
        </A>
        <Switch fallback={<Waiting />}>
          <Match when={watched.refusal()}>
            {(refusal) => (
              <>
                <h1 class="sr-only">Import</h1>
                <Notice title="No such import" icon={<FileQuestion size={24} />}>{sentenceOf(refusal())}</Notice>
              </>
            )}
          </Match>
          <Match when={watched.answer()}>
            {(status) => (
              <>
                <h1 class="mt-2 font-serif text-2xl break-words" dir="auto">{status().name}</h1>
                <p class="mt-1 text-ink-soft">
                  {formatName(status().format)}, {bytes(status().bytes.total)}, {exactTime(status().startedAt)}
                </p>
                <Show when={status().state === "running"}>
                  <div class="mt-6">
                    <RunningImport status={status()} />
                  </div>
                </Show>
                <Show when={status().state === "refused"}>
                  <p role="alert" class="mt-6 rounded-lg bg-danger-wash p-5 text-danger">
                    <strong>This was not imported.</strong> {status().refusal} Nothing was changed.
                  </p>
                </Show>
                <Show when={status().state === "cancelled"}>
                  <p class="mt-6 rounded-lg bg-warn-wash p-5 text-warn">
                    This import was stopped. What had come in stays; importing the same file again brings the rest.
                  </p>
                </Show>
                <Show when={status().state !== "refused"}>
                  <div class="mt-6 grid gap-4">
                    <For each={sumsOf(status().counts)}>{(sum) => <SumView sum={sum} />}</For>
                  </div>
                </Show>
                <Show when={receipt()}>{(receipt) => <ReceiptItems items={receipt().items} />}</Show>
                <Show when={refusal()}>{(refusal) => <p class="mt-6 text-ink-soft">{sentenceOf(refusal())}</p>}</Show>
              </>
            )}
          </Match>
        </Switch>
      </div>
    </>
  )
}

export default ImportReceiptPage
