/** Asks before a conversation is deleted: there is no way back. */
import { Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { Dialog } from "../ui/Dialog.tsx"
import { archive, remove } from "./Changes.ts"
import type { Summary } from "./Rows.ts"

interface DeleteDialogProps {
  readonly row: Summary
  readonly onClose: () => void
  readonly onDeleted: (() => void) | undefined
}

const DeleteDialog = (props: DeleteDialogProps) => {
  const confirm = async () => {
    const { row, onDeleted } = props
    props.onClose()
    if (await remove(row)) onDeleted?.()
  }
  return (
    <Dialog open title="Delete this conversation?" onClose={props.onClose}>
      <p class="text-ink-soft">
        <strong class="text-ink" dir="auto">{props.row.title}</strong> and its {counted(props.row.messages, "message")}
        {" "}
        will be gone from this node. This cannot be undone; importing the export again would bring them back.
      </p>
      <div class="mt-6 flex flex-wrap justify-end gap-2">
        <Button onClick={() => props.onClose()} autofocus>Keep it</Button>
        {!props.row.archived && (
          <Button
            onClick={() => {
              void archive(props.row)
              props.onClose()
            }}
          >
            Archive instead
          </Button>
        )}
        <Button kind="danger" onClick={() => void confirm()}>Delete</Button>
      </div>
    </Dialog>
  )
}

export default DeleteDialog
