export { FlexFecProtector, type FlexFecRedundancy } from './flexfec-protector.ts';
