/** Where this browser keeps the key of a visit to a provider until whoever went comes back: apart from the keys of devices, which it has none of. */
import { asked, opened, type Store } from "@vivim/client/IndexedDb"
import type { KeptSession } from "@vivim/client/SessionKeeper"

type Keys = KeptSession["keys"]

const [database, table, place] = ["vivim.visits", "visits", "going"]

const within = (work: (store: Store) => Parameters<typeof asked>[0]): Promise<unknown> =>
  opened(database, table).then((db) =>
    asked(work(db.transaction(table, "readwrite").objectStore(table))).finally(() => db.close())
  )

export const keep = async (keys: Keys): Promise<void> => void await within((store) => store.put(keys, place))

/** The keys of whoever went, once. */
export const take = async (): Promise<Keys | undefined> => {
  const keys = await within((store) => store.get(place)) as Keys | undefined
  await within((store) => store.delete(place))
  return keys
}
