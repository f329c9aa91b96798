/** The trash: what was deleted and can still be restored, what was put there last first. */
import Trash from "lucide-solid/icons/trash"
import { createSignal, Show } from "solid-js"
import { PageTitle } from "../app/PageTitle.tsx"
import { createActions } from "../library/Actions.tsx"
import { RowList } from "../library/RowList.tsx"
import { counted } from "../ui/Counts.ts"
import { Notice } from "../ui/Notice.tsx"
import { EmptyTrash } from "./EmptyTrash.tsx"
import { ForGood } from "./ForGood.tsx"
import { TrashRow } from "./TrashRow.tsx"

const asked = { trashed: true, sort: "trashed" } as const

const TrashPage = () => {
  const [total, setTotal] = createSignal<number>()
  const actions = createActions()
  return (
    <>
      <PageTitle title="Trash" />
      <div class="mx-auto max-w-[68rem] px-3 pb-16 sm:px-6 lg:px-8">
        <header class="px-2 pt-7 pb-5 sm:pt-10">
          <div class="flex flex-wrap items-end justify-between gap-x-4 gap-y-3">
            <div>
              <h1 class="font-serif text-2xl">Trash</h1>
              <p class="mt-0.5 min-h-[1.4rem] text-ink-soft" aria-live="polite">
                <Show when={total()}>{(total) => <>{counted(total(), "conversation")}</>}</Show>
              </p>
            </div>
            <Show when={total() !== 0}>
              <EmptyTrash />
            </Show>
          </div>
          <Show when={total() !== 0}>
            <p class="mt-4 max-w-[68ch] text-ink-soft">
              What you delete waits here for thirty days, and goes for good after that unless you restore it.
            </p>
            <ForGood class="mt-1 max-w-[68ch] text-sm" />
          </Show>
        </header>
        <RowList label="Trash" asked={() => asked} onTotal={setTotal}>
          {(inList) => <TrashRow {...inList} onMenu={actions.menu} />}
        </RowList>
        <Show when={total() === 0}>
          <Notice title="The trash is empty" icon={<Trash size={24} />}>
            What you delete waits here for thirty days before it goes for good. Until then it can be restored.
          </Notice>
        </Show>
        <actions.Host />
      </div>
    </>
  )
}

export default TrashPage
