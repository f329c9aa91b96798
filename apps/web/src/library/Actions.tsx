/** What can be done with a conversation from wherever it is shown: the menu, and the dialogs its actions open. */
import Archive from "lucide-solid/icons/archive"
import ArchiveRestore from "lucide-solid/icons/archive-restore"
import Lock from "lucide-solid/icons/lock"
import LockOpen from "lucide-solid/icons/lock-open"
import Pencil from "lucide-solid/icons/pencil"
import Tags from "lucide-solid/icons/tags"
import Trash from "lucide-solid/icons/trash"
import Undo from "lucide-solid/icons/undo-2"
import { createSignal, lazy, Match, onCleanup, Suspense, Switch } from "solid-js"
import { canSeal } from "../sealed/Sealed.ts"
import type { Action } from "../ui/ActionMenu.tsx"
import { type EarlyKeys, holdKeys } from "../ui/EarlyKeys.ts"
import { typeAhead } from "../ui/EarlyTyping.ts"
import { preload } from "../ui/Preload.ts"
import { archive, restore, trash, unarchive } from "./Changes.ts"
import type { Summary } from "./Rows.ts"

const ActionMenu = lazy(() => import("../ui/ActionMenu.tsx"))
const RenameDialog = lazy(() => import("./RenameDialog.tsx"))
const TagsDialog = lazy(() => import("./TagsDialog.tsx"))
const SealDialog = lazy(() => import("../sealed/SealDialog.tsx"))
const ForGoodDialog = lazy(() => import("../trash/ForGoodDialog.tsx"))

interface Open {
  readonly what: "menu" | "rename" | "tags" | "seal" | "delete"
  readonly row: Summary
  readonly anchor: HTMLElement
}

/** Fields of dialogs can be typed into before they are there. */
const fields: Partial<Record<Open["what"], string>> = { rename: "Title", tags: "New tag" }

const sealActions = (row: Summary, run: () => void): ReadonlyArray<Action> =>
  !canSeal()
    ? []
    : row.sealed === null
    ? [{ id: "seal", label: "Seal…", icon: Lock, run }]
    : [{ id: "seal", label: "Let the node read it…", icon: LockOpen, run }]

export const createActions = (onDeleted?: () => void) => {
  const [open, setOpen] = createSignal<Open>()
  const close = () => setOpen(undefined)
  let early: EarlyKeys | undefined
  onCleanup(() => early?.drop())
  preload([ActionMenu, RenameDialog, TagsDialog, SealDialog, ForGoodDialog])
  const show = (what: Open["what"], row: Summary, anchor: HTMLElement) => {
    early?.drop()
    if (what === "menu") early = holdKeys(close)
    const field = fields[what]
    if (field !== undefined) typeAhead(field)
    setOpen({ what, row, anchor })
  }
  const actionsOf = ({ row, anchor }: Open): ReadonlyArray<Action> => {
    if (row.trash !== null) {
      return [
        { id: "restore", label: "Restore", icon: Undo, run: () => void restore(row) },
        { id: "delete", label: "Delete for good…", icon: Trash, danger: true, run: () => show("delete", row, anchor) }
      ]
    }
    return [
      { id: "rename", label: "Rename…", icon: Pencil, run: () => show("rename", row, anchor) },
      { id: "tags", label: "Tags…", icon: Tags, run: () => show("tags", row, anchor) },
      row.archived
        ? { id: "archive", label: "Bring back", icon: ArchiveRestore, run: () => void unarchive(row) }
        : { id: "archive", label: "Archive", icon: Archive, run: () => void archive(row) },
      ...sealActions(row, () => show("seal", row, anchor)),
      { id: "trash", label: "Move to trash", icon: Trash, danger: true, run: () => void trash(row) }
    ]
  }
  const Host = () => (
    <Suspense>
      <Switch>
        <Match when={open()?.what === "menu" && open()} keyed>
          {(open) => (
            <ActionMenu
              label={`Actions for ${open.row.title}`}
              anchor={open.anchor}
              actions={actionsOf(open)}
              onReady={(menu) => early?.giveTo(menu)}
              onClose={() => {
                early?.drop()
                setOpen((now) => (now?.what === "menu" ? undefined : now))
              }}
            />
          )}
        </Match>
        <Match when={open()?.what === "rename" && open()} keyed>
          {(open) => <RenameDialog row={open.row} onClose={close} />}
        </Match>
        <Match when={open()?.what === "tags" && open()} keyed>
          {(open) => <TagsDialog row={open.row} onClose={close} />}
        </Match>
        <Match when={open()?.what === "seal" && open()} keyed>
          {(open) => <SealDialog row={open.row} onClose={close} />}
        </Match>
        <Match when={open()?.what === "delete" && open()} keyed>
          {(open) => <ForGoodDialog row={open.row} onClose={close} onDeleted={onDeleted} />}
        </Match>
      </Switch>
    </Suspense>
  )
  return {
    Host,
    menu: (row: Summary, anchor: HTMLElement) => show("menu", row, anchor),
    tags: (row: Summary, anchor: HTMLElement) => show("tags", row, anchor),
    deleteForGood: (row: Summary, anchor: HTMLElement) => show("delete", row, anchor)
  }
}
