/** Where one was in a list, so that coming back to it is coming back to one's place. Forgotten with the tab. */
const places = new Map<string, number>()

export const keepPlace = (list: string, top: number): void => void places.set(list, top)

/** Taken once: a place is returned to when coming back, not whenever the list changes. */
export const placeKept = (list: string): number | undefined => {
  const place = places.get(list)
  places.delete(list)
  return place === 0 ? undefined : place
}
