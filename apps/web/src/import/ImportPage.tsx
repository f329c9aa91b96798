/** Bringing conversations in: the place to drop them, what is on its way, and every import there has been. */
import { createEffect, createMemo, For, Show } from "solid-js"
import { PageTitle } from "../app/PageTitle.tsx"
import { watch } from "../node/Node.ts"
import { Late, Stroke } from "../ui/Late.tsx"
import { DropZone } from "./DropZone.tsx"
import { HowToExport } from "./HowToExport.tsx"
import { ImportHistory } from "./ImportHistory.tsx"
import { RunningImport } from "./RunningImport.tsx"
import { dismiss, uploads } from "./Uploads.ts"
import { UploadView } from "./UploadView.tsx"

const ImportPage = () => {
  const { answer: imports } = watch("WatchImports", () => ({}))
  const running = createMemo(() => imports()?.filter(({ state }) => state === "running") ?? [])
  const finished = createMemo(() => imports()?.filter(({ state }) => state !== "running") ?? [])
  /** An upload the node has taken is shown as the node's import from then on. */
  createEffect(() => {
    const known = new Set<string>(imports()?.map(({ importId }) => importId))
    for (const { id, importId } of uploads()) if (importId !== undefined && known.has(importId)) dismiss(id)
  })
  return (
    <>
      <PageTitle title="Import" />
      <div class="mx-auto max-w-3xl px-5 pt-7 pb-16 sm:pt-10">
        <h1 class="font-serif text-2xl">Import</h1>
        <p class="mt-1 text-ink-soft">Importing the same export again only brings what is new.</p>
        <DropZone class="mt-6" />
        <Show when={uploads().length + running().length > 0}>
          <section class="mt-8" aria-label="Under way">
            <ul class="grid gap-3">
              <For each={uploads()}>
                {(upload) => (
                  <li>
                    <UploadView upload={upload} />
                  </li>
                )}
              </For>
              <For each={running()}>
                {(status) => (
                  <li>
                    <RunningImport status={status} />
                  </li>
                )}
              </For>
            </ul>
          </section>
        </Show>
        <section class="mt-10">
          <h2 class="mb-3 font-serif text-lg">History</h2>
          <Show
            when={imports() !== undefined}
            fallback={
              <Late>
                <div class="space-y-5 py-3">
                  <Stroke class="w-2/3" />
                  <Stroke class="w-1/2" />
                </div>
              </Late>
            }
          >
            <ImportHistory imports={finished()} />
          </Show>
        </section>
        <HowToExport class="mt-10" />
      </div>
    </>
  )
}

export default ImportPage
