/** Says of a conversation that it lies in the trash and when it goes for good, with the way back. */
import Trash from "lucide-solid/icons/trash"
import { Button } from "../ui/Button.tsx"
import { dayName, untilThen } from "../ui/Times.ts"

interface InTrashProps {
  readonly purgeAt: number
  readonly onRestore: () => void
  readonly onDelete: (anchor: HTMLElement) => void
}

export const InTrash = (props: InTrashProps) => (
  <div class="mx-auto max-w-[70rem] px-4 sm:px-6">
    <section
      aria-label="In the trash"
      class="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2.5 rounded-lg bg-warn-wash px-4 py-3 text-sm text-warn lg:ms-40 lg:max-w-[42rem]"
    >
      <Trash size={16} aria-hidden="true" class="shrink-0" />
      <p class="min-w-0 flex-1 basis-56">
        <strong>In the trash.</strong> Goes for good {untilThen(props.purgeAt)}, on {dayName(props.purgeAt)}.
      </p>
      <div class="flex flex-wrap gap-2">
        <Button size="small" onClick={() => props.onRestore()}>Restore</Button>
        <Button size="small" aria-haspopup="dialog" onClick={(event) => props.onDelete(event.currentTarget)}>
          Delete for good…
        </Button>
      </div>
    </section>
  </div>
)
