/** Asks before a conversation is sealed, or opened for the node again, and says in words what that means. */
import { createSignal } from "solid-js"
import { createDoing } from "../account/Doing.ts"
import { reseal } from "../library/Changes.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { sentenceOfError } from "../ui/Notice.tsx"
import { Problem } from "../ui/Problem.tsx"
import type { Summary } from "./Sealed.ts"

const words = {
  seal: {
    title: "Seal this conversation?",
    yes: "Seal it",
    busy: "Sealing on this device…",
    means: [
      "This device seals its title, messages, tags and files with a key the node never gets. The node destroys what it could read of it; the receipt of its import still names its title.",
      "Only your devices open it from then on. They search it themselves; the node's search, other programs and what you let others do find nothing in it.",
      "Lose all devices and the recovery kit, and it is lost."
    ]
  },
  unseal: {
    title: "Let the node read it again?",
    yes: "Let the node read it",
    busy: "Opening on this device…",
    means: [
      "This device opens it and hands it to the node: sealed on disk like everything else, and readable for the node while you are signed in.",
      "The node searches it again, and what you let others do works on it."
    ]
  }
}

const SealDialog = (props: { readonly row: Summary; readonly onClose: () => void }) => {
  // What it is about stays the same while it is being done.
  const [what] = createSignal<"seal" | "unseal">(props.row.sealed === null ? "seal" : "unseal")
  const { busy, doing, problem } = createDoing(sentenceOfError)
  const confirm = () => doing(() => reseal(props.row, what()).then(() => props.onClose()))
  return (
    <Dialog open title={words[what()].title} onClose={() => !busy() && props.onClose()}>
      <p class="font-medium" dir="auto">{props.row.title}</p>
      <ul class="mt-3 list-disc space-y-2 ps-5 text-ink-soft">
        {words[what()].means.map((sentence) => <li>{sentence}</li>)}
      </ul>
      <p role="status" class="mt-3 text-sm text-ink-soft empty:hidden">{busy() ? words[what()].busy : ""}</p>
      <Problem problem={problem()} />
      <Answers>
        <Button disabled={busy()} onClick={() => props.onClose()}>Leave it as it is</Button>
        <Button kind="primary" busy={busy()} onClick={() => void confirm()}>{words[what()].yes}</Button>
      </Answers>
    </Dialog>
  )
}

export default SealDialog
