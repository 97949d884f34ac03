import type { Notice } from './tone.ts';

/** Who is master, seen from this operator. */
export type ControlView = {
  operatorId: string;
  masterId: string | null;
  isMaster: boolean;
  /** A request of ours is on its way. */
  pending: boolean;
};

/** The banner that says who controls the machine. */
export function controlNotice(view: ControlView): Notice {
  if (view.isMaster) {
    return { word: 'YOU ARE IN CONTROL', hint: 'Press C to release', tone: 'accent' };
  }
  if (view.pending)
    return { word: 'ASKING FOR CONTROL', hint: 'Waiting for the machine', tone: 'warn' };
  if (view.masterId === null) {
    return { word: 'NOBODY IS IN CONTROL', hint: 'Press C to request it', tone: 'quiet' };
  }
  // The same login in another window holds the lease: its own id would otherwise read like "you".
  const holder = view.masterId === view.operatorId ? 'ANOTHER WINDOW OF YOURS' : view.masterId;
  return { word: `${holder} IS IN CONTROL`, hint: 'You are watching', tone: 'warn' };
}

const reasons: Readonly<Record<string, string>> = {
  granted: 'Control was granted',
  released: 'Control was released',
  left: 'The operator in control left',
  expired: 'The right to control expired',
  refused: 'The machine refused: somebody else is in control',
  revoked: 'Control was revoked',
  restarted: 'The machine restarted: control is free again',
};

/** A lease's reason in words; an unknown one is shown as it is. */
export function leaseReasonText(reason: string): string {
  return reasons[reason] ?? reason;
}
