/** A list without anything in it: because the filter leaves nothing, or because everything has been put away. */
import { A } from "@solidjs/router"
import Archive from "lucide-solid/icons/archive"
import LibraryBig from "lucide-solid/icons/library-big"
import SearchX from "lucide-solid/icons/search-x"
import { Match, Switch } from "solid-js"
import { Button } from "../ui/Button.tsx"
import { Notice } from "../ui/Notice.tsx"
import { type Filter, narrows } from "./Filters.ts"

interface NothingMatchesProps {
  readonly filter: Filter
  readonly clear: () => void
  readonly showArchived: () => void
}

export const NothingMatches = (props: NothingMatchesProps) => (
  <Switch>
    <Match when={narrows(props.filter)}>
      <Notice
        title="No conversation matches"
        icon={<SearchX size={24} />}
        action={<Button onClick={() => props.clear()}>Show the whole library</Button>}
      >
        All parts of the filter have to hold. Take one away, or start over.
      </Notice>
    </Match>
    <Match when={props.filter.archived}>
      <Notice
        title="Nothing is archived"
        icon={<Archive size={24} />}
        action={<Button onClick={() => props.clear()}>Show the whole library</Button>}
      >
        Archive a conversation from its menu: it leaves the library, and stays in search.
      </Notice>
    </Match>
    <Match when={true}>
      <Notice
        title="Everything is put away"
        icon={<LibraryBig size={24} />}
        action={<Button onClick={() => props.showArchived()}>Show what is archived</Button>}
      >
        No conversation is left in the library. They are archived, or in the{" "}
        <A href="/trash" class="text-accent underline underline-offset-4">trash</A>.
      </Notice>
    </Match>
  </Switch>
)
