import { type CommandHeader, RefusalCode } from '@longreach/protocol';

/** The lease as the guard knows it; `token` is null while nobody holds it. */
export type GuardLease = { epoch: number; token: string | null };

/** Why this command may not pass under this lease, or undefined when it may. */
export function refuseByLease(command: CommandHeader, lease: GuardLease): RefusalCode | undefined {
  if (lease.token === null) return RefusalCode.NotMaster;
  if (command.epoch < lease.epoch) return RefusalCode.OldEpoch;
  // An epoch that no lease has had yet is made up.
  if (command.epoch > lease.epoch) return RefusalCode.NotMaster;
  return isSameToken(command.token, lease.token) ? undefined : RefusalCode.WrongToken;
}

/** Takes equal time for any token of the right length. */
function isSameToken(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < expected.length; i++) {
    difference |= given.charCodeAt(i) ^ expected.charCodeAt(i);
  }
  return difference === 0;
}
