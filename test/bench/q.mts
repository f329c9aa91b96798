import { capabilityBench } from "./CapabilityBench.ts"
for (const f of capabilityBench(10_000)) console.log(f.what, f.value, f.unit, f.goal)
process.exit(0)
