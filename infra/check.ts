/** `npm run check`: all that can be said of the sources without running them. Exit code 1 when something is wrong. */
import { runCheckSteps } from "./CheckSteps.ts"

const { passed, failed } = await runCheckSteps()
console.log(failed === 0 ? `All ${passed} checks passed.` : `${failed} of ${passed + failed} checks failed.`)
process.exitCode = failed === 0 ? 0 : 1
