/** The library's list: what the filter leaves, each row with what can be done with it. */
import { createMemo } from "solid-js"
import { createActions } from "./Actions.tsx"
import { askedBy, type Filter } from "./Filters.ts"
import { LibraryRow } from "./LibraryRow.tsx"
import { RowList } from "./RowList.tsx"

interface LibraryListProps {
  readonly filter: Filter
  readonly onTotal: (total: number | undefined) => void
}

export const LibraryList = (props: LibraryListProps) => {
  const actions = createActions()
  const asked = createMemo(() => askedBy(props.filter))
  return (
    <>
      <RowList label="Conversations" asked={asked} onTotal={(total) => props.onTotal(total)}>
        {(inList) => <LibraryRow {...inList} byTime={props.filter.sort !== "title"} onMenu={actions.menu} />}
      </RowList>
      <actions.Host />
    </>
  )
}
