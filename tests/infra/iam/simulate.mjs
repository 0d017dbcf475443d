// Reads a JSON list of simulations from standard input, and writes for each what IAM would decide.
// Its first argument is the address of the package's module.
import { readFileSync } from "node:fs"

const { runSimulation } = await import(process.argv[2])
const asked = JSON.parse(readFileSync(0, "utf8"))
const answers = []
for (const simulation of asked) {
  const given = await runSimulation(simulation, {})
  answers.push(given.resultType === "error" ? { error: given.errors } : { decision: given.overallResult })
}
process.stdout.write(JSON.stringify(answers))
