/** A backup in words: what is in it, for the commands that make, look at and restore one. */
import * as DateTime from "effect/DateTime"
import type { BackupSummary } from "../BackupCheck.ts"

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`

/** "20 events in 17 streams, 33 contents and 1 account, up to position 20, of 2026-11-20T13:49:00.940Z" */
export const backupFigures = ({ accounts, contents, createdAt, events, position, streams }: BackupSummary): string =>
  `${counted(events, "event")} in ${counted(streams, "stream")}, ${counted(contents, "content")} and ${
    counted(accounts, "account")
  }, ` +
  `up to position ${position}, of ${DateTime.formatIso(DateTime.unsafeMake(createdAt))}`
