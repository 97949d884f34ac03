/**
 * `npm run check:contract`: every name of the public contract with its type, its unit and the test that proves it.
 * Ends with 1 while a proof is missing or a type differs. Options: --missing (only those), --json (a last line).
 */
import { contractFiles, entriesOf, readContract } from './contract/contract.ts';
import { countEntries, renderTable } from './contract/contract-table.ts';
import { exportsOfContract } from './contract/exported-types.ts';
import { checkProofs, readProofs } from './contract/proofs.ts';
import { findTypeDrift } from './contract/type-drift.ts';

const contracts = contractFiles.map(readContract);
const entries = contracts.flatMap(entriesOf);
const drift = contracts.flatMap((contract) =>
  findTypeDrift(contract, exportsOfContract(contract.modules)),
);
const { proven, faults } = checkProofs(readProofs(), entries);
const figures = countEntries(entries, proven);

const isMissing = new Set(figures.missing);
const showsAll = !process.argv.includes('--missing');
const lines = renderTable(entries, proven, ({ name }) => showsAll || isMissing.has(name));
console.log(lines.join('\n'));
if (drift.length > 0) console.log(`\nTypes that differ:\n  ${drift.join('\n  ')}`);
if (faults.length > 0) console.log(`\nProofs that prove nothing:\n  ${faults.join('\n  ')}`);
console.log(
  `\n${figures.proven} of ${figures.of} proven, ${figures.missing.length} missing, ` +
    `${figures.later.length} later; ${drift.length} types differ, ${faults.length} proofs are void`,
);
if (process.argv.includes('--json')) console.log(JSON.stringify({ ...figures, drift, faults }));
process.exitCode = figures.missing.length + drift.length + faults.length === 0 ? 0 : 1;
