export { rules as diagnosisRules } from './all-rules.ts';
export { buildReport } from './build-report.ts';
export { diagnose } from './diagnose.ts';
export type * from './input.ts';
export type * from './vocabulary.ts';
export { stages } from './vocabulary.ts';
