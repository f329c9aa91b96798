/** The company a process keeps: what one of several processes of a node needs to know of the others. */
import * as SqlSiblings from "@vivim/event-store/SqlSiblings"
import * as SqlHomes from "@vivim/import/SqlHomes"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Folders } from "./Folders.ts"
import * as ProcessPlace from "./ProcessPlace.ts"

export const layer = (at: Folders, isAlone: boolean) =>
  isAlone
    ? ProcessPlace.layer(at, true)
    : Layer.unwrapEffect(Effect.map(ProcessPlace.ProcessPlace, ({ id }) => SqlHomes.layer(id!))).pipe(
      Layer.provideMerge(ProcessPlace.layer(at, false)),
      Layer.provideMerge(SqlSiblings.layer)
    )
