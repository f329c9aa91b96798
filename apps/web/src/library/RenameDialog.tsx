/** Another title for a conversation. */
import { createSignal } from "solid-js"
import { Answers, Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { takeOver } from "../ui/EarlyTyping.ts"
import { toast } from "../ui/Toasts.tsx"
import { rename } from "./Changes.ts"
import type { Summary } from "./Rows.ts"
import { titleFrom } from "./Titles.ts"

const RenameDialog = (props: { readonly row: Summary; readonly onClose: () => void }) => {
  const [text, setText] = createSignal(props.row.title)
  let field!: HTMLInputElement
  const begin = () => {
    const early = takeOver(field)
    if (early.text === "") field.select()
    else setText(early.text)
    if (early.entered) field.form?.requestSubmit()
  }
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const title = titleFrom(text())
    const { row } = props
    props.onClose()
    if (title === undefined || title === row.title) return
    if (await rename(row, title)) {
      toast("Renamed.", { undo: () => void rename({ ...row, title }, row.title) })
    }
  }
  return (
    <Dialog open title="Rename" onClose={props.onClose} onOpen={begin}>
      <form onSubmit={(event) => void submit(event)}>
        <input
          aria-label="Title"
          ref={field}
          dir="auto"
          required
          maxlength={512}
          autocomplete="off"
          value={text()}
          onInput={(event) => setText(event.currentTarget.value)}
          class="w-full rounded-md border border-edge bg-paper px-3 py-2.5"
        />
        <Answers>
          <Button onClick={() => props.onClose()}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={titleFrom(text()) === undefined}>Rename</Button>
        </Answers>
      </form>
    </Dialog>
  )
}

export default RenameDialog
