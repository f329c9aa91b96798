/** The law of an import. */
import * as Actor from "@vivim/actor/Actor"
import { NoSuchImport } from "@vivim/contract/Import"
import { NothingToChange } from "@vivim/contract/Refusal"
import { CommandId, Did, ImportId } from "@vivim/event-schemas/ids"
import { type ImportEvent, ImportFinished, ImportStarted } from "@vivim/event-schemas/import/index"
import { assert, it } from "vitest"
import { Import } from "./Import.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const importId = ImportId.make("import1")
const [ada, bo] = [Did.make("did:key:zAda"), Did.make("did:key:zBo")]
const as = (by: Did) => ({ at: 1, by, device: null, id: commandId })
const after = (...events: ReadonlyArray<ImportEvent>) => Actor.fold(Import, Import.initial, events)

const start = { commandId, importId, name: "export.zip", bytes: 12 }
const end = { importId, outcome: "imported" as const, receipt: null, format: "chatgpt", counts: null, refusal: null }
const started = ImportStarted({ owner: ada, importId, bytes: 12, name: "export.zip" })
const finished = ImportFinished({ ...end, owner: ada })

it("M1 an import starts once and ends once, for the one who started it", () => {
  const { FinishImport, StartImport } = Import.decide
  const finish = { ...end, commandId }
  const unseen = Actor.refuse(new NoSuchImport({ importId }))
  assert.deepStrictEqual(StartImport(after(), start, as(ada)), Actor.accept(started))
  for (const by of [ada, bo]) {
    assert.deepStrictEqual(
      StartImport(after(started), start, as(by)),
      Actor.refuse(new NothingToChange({ message: "the import has started" }))
    )
  }
  assert.deepStrictEqual(FinishImport(after(), finish, as(ada)), unseen)
  assert.deepStrictEqual(FinishImport(after(started), finish, as(bo)), unseen)
  assert.deepStrictEqual(FinishImport(after(started), finish, as(ada)), Actor.accept(finished))
  assert.deepStrictEqual(
    FinishImport(after(started, finished), { ...finish, outcome: "cancelled" }, as(ada)),
    Actor.refuse(new NothingToChange({ message: "the import has ended" }))
  )
  assert.strictEqual(Import.owner(after(started, finished), bo), ada)
})
