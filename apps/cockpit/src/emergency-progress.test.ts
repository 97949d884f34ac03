import { expect, it } from 'vitest';
import { confirmWithinMs, emergencyProgress } from './emergency-progress.ts';

it('the machine’s own word counts most, then time', () => {
  expect(emergencyProgress('armed', undefined, 0)).toBe('ready');
  expect(emergencyProgress('armed', 1000, 1000)).toBe('sending');
  expect(emergencyProgress('emergency', 1000, 1100)).toBe('active');
  expect(emergencyProgress('emergency', undefined, 0)).toBe('active');
  expect(emergencyProgress('armed', 1000, 1000 + confirmWithinMs)).toBe('failed');
  expect(emergencyProgress(undefined, 1000, 9000)).toBe('failed');
});
