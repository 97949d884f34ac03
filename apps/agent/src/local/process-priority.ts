import { setPriority } from 'node:os';

/** Nice values: the guard comes before all, then what carries commands and packets, then what makes pictures. */
const priorities = { guard: -15, transport: -10, media: -5 } as const;

/**
 * Puts this process before ordinary ones; threads that it starts from then on follow. Says whether the system
 * allowed it (root or CAP_SYS_NICE): without it everything works, with a longer tail when the machine is busy.
 */
export function raisePriority(role: keyof typeof priorities): boolean {
  try {
    setPriority(priorities[role]);
    return true;
  } catch {
    return false;
  }
}
