import { RefusalCode } from '@longreach/protocol';

const texts: Readonly<Record<RefusalCode, string>> = {
  [RefusalCode.None]: '',
  [RefusalCode.Malformed]: 'the command could not be read',
  [RefusalCode.NotMaster]: 'you are not in control',
  [RefusalCode.WrongToken]: 'its key is not the one of the present control',
  [RefusalCode.OldEpoch]: 'control has changed hands since',
  [RefusalCode.OutOfOrder]: 'a newer command was there already',
  [RefusalCode.Expired]: 'it arrived too late',
  [RefusalCode.StalePicture]: 'the picture you see is too old',
  [RefusalCode.NotArmed]: 'the machine is not armed: press R',
  [RefusalCode.EmergencyStop]: 'the emergency stop is active',
  [RefusalCode.TooLarge]: 'it is too large',
  [RefusalCode.TooOften]: 'too many commands a second',
};

const refusers = { worker: 'Server', machine: 'Machine', client: 'Cockpit' } as const;

/** Why a command had no effect, and who refused it; empty when nothing was refused. */
export function refusalText(code: RefusalCode, by: keyof typeof refusers): string {
  const text = texts[code];
  return text === '' ? '' : `${refusers[by]} refused a command: ${text}`;
}

/** Whether the guard's banner says the same already, so that showing it again would only distract. */
export function isSaidByGuard(code: RefusalCode): boolean {
  return code === RefusalCode.NotArmed || code === RefusalCode.EmergencyStop;
}
