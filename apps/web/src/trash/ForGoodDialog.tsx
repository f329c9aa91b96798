/** Asks before a conversation in the trash is deleted for good: from there is no way back. */
import { deleteForGood } from "../library/Changes.ts"
import type { Summary } from "../library/Rows.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { Dialog } from "../ui/Dialog.tsx"
import { ForGood } from "./ForGood.tsx"

interface ForGoodDialogProps {
  readonly row: Summary
  readonly onClose: () => void
  readonly onDeleted: (() => void) | undefined
}

const ForGoodDialog = (props: ForGoodDialogProps) => {
  const confirm = async () => {
    const { onDeleted, row } = props
    props.onClose()
    if (await deleteForGood(row)) onDeleted?.()
  }
  return (
    <Dialog open title="Delete for good?" onClose={props.onClose}>
      <p class="text-ink-soft">
        <strong class="text-ink" dir="auto">{props.row.title}</strong> with its {counted(props.row.messages, "message")}
        {" "}
        goes now instead of waiting in the trash.
      </p>
      <ForGood class="mt-3" />
      <Answers>
        <Button onClick={() => props.onClose()} autofocus>Keep it in the trash</Button>
        <Button kind="danger" onClick={() => void confirm()}>Delete for good</Button>
      </Answers>
    </Dialog>
  )
}

export default ForGoodDialog
