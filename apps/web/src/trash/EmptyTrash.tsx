/** Empties the trash, once that has been confirmed: of exactly what the question says lies in it when it is answered. */
import { createSignal } from "solid-js"
import { emptyTrash } from "../library/Changes.ts"
import { watch } from "../node/Node.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { Dialog } from "../ui/Dialog.tsx"
import { ForGood } from "./ForGood.tsx"

export const EmptyTrash = () => {
  const trash = watch("WatchTrash", () => ({}))
  const ids = () => (trash.answer() ?? []).map(({ documentId }) => documentId)
  const [asking, setAsking] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const confirm = async () => {
    setAsking(false)
    setBusy(true)
    await emptyTrash(ids())
    setBusy(false)
  }
  return (
    <>
      <Button
        busy={busy()}
        disabled={ids().length === 0}
        aria-haspopup="dialog"
        onClick={() => setAsking(true)}
      >
        Empty the trash…
      </Button>
      <Dialog open={asking()} title="Empty the trash?" onClose={() => setAsking(false)}>
        <p class="text-ink-soft">
          <strong class="text-ink">{counted(ids().length, "conversation")}</strong> {ids().length === 1 ? "goes" : "go"}
          {" "}
          now instead of waiting in the trash.
        </p>
        <ForGood class="mt-3" />
        <Answers>
          <Button onClick={() => setAsking(false)} autofocus>Keep {ids().length === 1 ? "it" : "them"}</Button>
          <Button kind="danger" onClick={() => void confirm()}>Delete for good</Button>
        </Answers>
      </Dialog>
    </>
  )
}
