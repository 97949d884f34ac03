import type { GuardMode, PermissionState } from '@longreach/protocol';
import type { Notice } from './tone.ts';

/** What the guard of the machine is doing, and what the operator can do about it. `mode` undefined: no fresh report. */
export function guardNotice(mode: GuardMode | undefined, permission: PermissionState): Notice {
  const isMaster = permission === 'master';
  switch (mode) {
    case undefined:
      return { word: 'UNKNOWN', hint: 'No report from the machine', tone: 'danger' };
    case 'stopped':
      return {
        word: 'STOPPED',
        hint: isMaster ? 'Press R to arm' : 'Take control to arm',
        tone: 'quiet',
      };
    case 'armed':
      return {
        word: 'ARMED',
        hint: isMaster ? 'The machine follows you' : 'The machine follows its operator',
        tone: 'good',
      };
    case 'braking':
      return {
        word: 'BRAKING',
        hint: isMaster ? 'At standstill, press R to arm' : 'Stopping by itself',
        tone: 'warn',
      };
    case 'emergency':
      return {
        word: 'EMERGENCY STOP',
        hint: isMaster ? 'When it is safe, press R to arm' : 'Take control to arm again',
        tone: 'danger',
      };
    case 'fault':
      return { word: 'FAULT', hint: 'Machine fault: it does not move', tone: 'danger' };
  }
}

/** Whether the re-arm button has an effect. */
export function canRearm(mode: GuardMode | undefined, permission: PermissionState): boolean {
  return permission === 'master' && mode !== undefined && mode !== 'armed' && mode !== 'fault';
}
