/**
 * What a failure is about: the file, the machine, or what the view was asked to take in.
 *
 * K1  A torn, overwritten, emptied or foreign file is damaged; a full disk or a file that may not be opened is not.
 */

/** The file says it is something else than its name says, or nothing at all. */
export class NotThatFile extends Error {}

const codeOf = (thrown: unknown) => String((thrown as { readonly code?: unknown } | null)?.code ?? "")

/** The file cannot be trusted: only the log can tell what was in it. */
export const isDamage = (thrown: unknown): boolean =>
  thrown instanceof NotThatFile || /^SQLITE_(?:CORRUPT|NOTADB|IOERR_SHORT_READ)/.test(codeOf(thrown))

/** The disk, the memory or the rights of the process: whoever tries again later may fare better. */
export const isWeather = (thrown: unknown): boolean =>
  /^(?:E[A-Z]+$|SQLITE_(?:FULL|IOERR|NOMEM|CANTOPEN|READONLY|BUSY|LOCKED|PERM|AUTH|PROTOCOL|INTERRUPT|NOLFS))/.test(
    codeOf(thrown)
  )

/** Something the whole machine ran out of: no user's file is to blame. */
export const isScarce = (thrown: unknown): boolean =>
  /^(?:ENOSPC|EDQUOT|EMFILE|ENFILE|ENOMEM|EROFS|SQLITE_FULL|SQLITE_NOMEM)/.test(codeOf(thrown))
