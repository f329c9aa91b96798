/**
 * Changes to a conversation: shown the moment they are made, made on the node, and taken back on the screen if it refuses.
 */
import type { Receipt } from "@vivim/event-schemas/Receipt"
import { createSignal } from "solid-js"
import { type CommandTag, type Payload, Refused } from "../node/Calls.ts"
import { ask, command } from "../node/Node.ts"
import { asOpened, sealing } from "../sealed/Sealed.ts"
import { counted } from "../ui/Counts.ts"
import { sentenceOfError } from "../ui/Notice.tsx"
import { toast } from "../ui/Toasts.tsx"
import type { Summary } from "./Rows.ts"

type Id = Summary["documentId"]
type Patch = Partial<Pick<Summary, "title" | "titleDerived" | "tags" | "archived">> & { readonly leaving?: boolean }

const [patches, setPatches] = createSignal<ReadonlyMap<Id, Patch>>(new Map())

const patch = (id: Id, patch: Patch | undefined): void => {
  setPatches((all) => {
    const next = new Map(all)
    if (patch === undefined) next.delete(id)
    else next.set(id, { ...next.get(id), ...patch })
    return next
  })
}

/** What the node said of a conversation, opened where it is sealed, with what has been changed here and not come back yet. */
export const asChanged = (said: Summary): Summary & { readonly leaving?: boolean } => {
  const summary = asOpened(said)
  const patch = patches().get(summary.documentId)
  return patch === undefined ? summary : { ...summary, ...patch }
}

interface Done {
  readonly text: string
  readonly undo?: () => void
}

const change = <T extends CommandTag>(id: Id, seen: Patch, tag: T, payload: Payload<T>, done?: Done) =>
  changeBy(id, seen, () => command(tag, payload), done)

const changeBy = async (id: Id, seen: Patch, make: () => Promise<Receipt>, done?: Done): Promise<boolean> => {
  patch(id, seen)
  try {
    const receipt = await make()
    // Once the views have seen the change they are right, whatever they say.
    // A node that is slow to show it will show it all the same: the row is then simply read again.
    const shown = () => patch(id, undefined)
    ask("AwaitPosition", { position: receipt.position }).then(shown, shown)
    if (done !== undefined) toast(done.text, done.undo === undefined ? {} : { undo: done.undo })
    return true
  } catch (error) {
    patch(id, undefined)
    toast(sentenceOfError(error), { kind: "trouble" })
    return false
  }
}

/** What is said of a sealed conversation is sealed here. */
const relabel = (
  row: Summary,
  seen: Patch,
  change: { readonly title?: string; readonly tags?: ReadonlyArray<string> }
) => changeBy(row.documentId, seen, () => sealing().then((sealing) => sealing.relabel(row.documentId, change)))

const retag = (row: Summary, tags: ReadonlyArray<string>) => relabel(row, { tags: [...tags] }, { tags })

export const rename = (row: Summary, title: string): Promise<boolean> =>
  row.sealed !== null ?
    relabel(row, { title, titleDerived: false }, { title }) :
    change(row.documentId, { title, titleDerived: false }, "RenameConversation", {
      documentId: row.documentId,
      title: title as Payload<"RenameConversation">["title"]
    })

export const addTag = (row: Summary, tag: string): Promise<boolean> =>
  row.sealed !== null ?
    retag(row, [...row.tags, tag]) :
    change(row.documentId, { tags: [...row.tags, tag] }, "TagConversation", {
      documentId: row.documentId,
      tag: tag as Payload<"TagConversation">["tag"]
    })

export const removeTag = (row: Summary, tag: string): Promise<boolean> =>
  row.sealed !== null ?
    retag(row, row.tags.filter((one) => one !== tag)) :
    change(row.documentId, { tags: row.tags.filter((one) => one !== tag) }, "UntagConversation", {
      documentId: row.documentId,
      tag: tag as Payload<"UntagConversation">["tag"]
    })

/** Seals a conversation, or lets the node read it again; done when the views have seen it. Rejects with what stood in the way. */
export const reseal = async (row: Summary, what: "seal" | "unseal"): Promise<void> => {
  const { position } = await sealing().then((sealing) => sealing[what](row.documentId))
  await ask("AwaitPosition", { position }).catch(() => undefined)
  toast(what === "seal" ? "Sealed. Only your devices open it now." : "The node can read it again.")
}

export const archive = (row: Summary): Promise<boolean> =>
  change(row.documentId, { archived: true, leaving: true }, "ArchiveConversation", { documentId: row.documentId }, {
    text: "Archived. It stays in search.",
    undo: () => void unarchive({ ...row, archived: true })
  })

export const unarchive = (row: Summary): Promise<boolean> =>
  change(row.documentId, { archived: false, leaving: true }, "UnarchiveConversation", { documentId: row.documentId }, {
    text: "Back in the library.",
    undo: () => void archive({ ...row, archived: false })
  })

export const trash = (row: Summary): Promise<boolean> =>
  change(row.documentId, { leaving: true }, "TrashConversation", { documentId: row.documentId }, {
    text: "Moved to the trash.",
    undo: () => void restore(row)
  })

export const restore = (row: Summary): Promise<boolean> =>
  change(row.documentId, { leaving: true }, "RestoreConversation", { documentId: row.documentId }, {
    text: "Back where it was."
  })

/** What has been restored meanwhile is refused, and stays. */
export const deleteForGood = (row: Summary): Promise<boolean> =>
  change(row.documentId, { leaving: true }, "PurgeConversation", { documentId: row.documentId, early: true }, {
    text: "Deleted for good."
  })

/** So many are on their way at once. */
const togetherMax = 8
/** Answers that leave the rest to be done: it is not there any more, or not in the trash. */
const settled = ["NotInTrash", "DocumentDeleted", "NoSuchDocument"]

/** Deletes these of the trash for good; tells how many it was. */
export const emptyTrash = async (ids: ReadonlyArray<Id>): Promise<void> => {
  const left = [...ids]
  let deleted = 0
  const work = async () => {
    for (let documentId = left.pop(); documentId !== undefined; documentId = left.pop()) {
      try {
        await command("PurgeConversation", { documentId, early: true })
        deleted++
      } catch (error) {
        if (!(error instanceof Refused) || !settled.includes(error.refusal._tag)) throw error
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: togetherMax }, work))
    toast(`${counted(deleted, "conversation")} deleted for good.`)
  } catch (error) {
    left.length = 0
    toast(sentenceOfError(error), { kind: "trouble" })
  }
}
