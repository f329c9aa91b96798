/** The command line of a node: for its user and its operator. All but `restore`, `doctor` and `audit verify` need the running node. */
import * as Command from "@effect/cli/Command"
import * as ValidationError from "@effect/cli/ValidationError"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { archiveCommand } from "./cli/ArchiveCommand.ts"
import { auditCommand } from "./cli/AuditCommand.ts"
import { backupCommand } from "./cli/BackupCommand.ts"
import { capabilityCommand } from "./cli/CapabilityCommand.ts"
import { doctorCommand } from "./cli/DoctorCommand.ts"
import { type Ended, refused } from "./cli/Ended.ts"
import { eventsCommand } from "./cli/EventsCommand.ts"
import { exportAccountCommand } from "./cli/ExportAccountCommand.ts"
import { importCommand } from "./cli/ImportCommand.ts"
import { messageCommand } from "./cli/MessageCommand.ts"
import { processesCommand } from "./cli/ProcessesCommand.ts"
import { quarantineCommand } from "./cli/QuarantineCommand.ts"
import { rebuildCommand } from "./cli/RebuildCommand.ts"
import { replayCommand } from "./cli/ReplayCommand.ts"
import { restoreCommand } from "./cli/RestoreCommand.ts"
import { searchCommand } from "./cli/SearchCommand.ts"
import { banCommand, reinstateCommand, roleCommand, standingsCommand, suspendCommand } from "./cli/StandingCommand.ts"
import { trashCommand } from "./cli/TrashCommand.ts"
import { viewsCommand } from "./cli/ViewsCommand.ts"
import { logger } from "./Startup.ts"
import { version } from "./Version.ts"

const vivim = Command.make("vivim").pipe(
  Command.withDescription("A home for your AI conversations. Exit codes: 0 done, 1 could not, 2 refused."),
  Command.withSubcommands([
    importCommand,
    exportAccountCommand,
    searchCommand,
    trashCommand,
    messageCommand,
    standingsCommand,
    roleCommand,
    suspendCommand,
    banCommand,
    reinstateCommand,
    capabilityCommand,
    eventsCommand,
    replayCommand,
    viewsCommand,
    processesCommand,
    quarantineCommand,
    rebuildCommand,
    auditCommand,
    archiveCommand,
    backupCommand,
    restoreCommand,
    doctorCommand
  ])
)

const run = Command.run(vivim, { name: "VIVIM", version })

/** A failure is one sentence on stderr and its exit code. */
const end = (error: Ended | ValidationError.ValidationError) =>
  Effect.sync(() => {
    // What was typed wrongly has been explained already, with the help of the command.
    if (!ValidationError.isValidationError(error)) process.stderr.write(`${error.message}\n`)
    process.exitCode = ValidationError.isValidationError(error) ? refused("").code : error.code
  })

run(process.argv).pipe(
  Effect.catchAll((error) => end(error as Ended)),
  Effect.provide(Layer.merge(NodeContext.layer, logger("error"))),
  NodeRuntime.runMain({ disablePrettyLogger: true })
)
