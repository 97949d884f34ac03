import type { ConnectionState, SignalingState } from '@longreach/protocol';

/** What is known of the ways to the machine. */
export type ConnectionView = {
  signaling: SignalingState;
  peer: ConnectionState | 'closed';
  presence: 'online' | 'suspect' | 'offline';
  /** Why the connection ended, when it did. */
  ended: string | undefined;
};

/** What is wrong with the connection and what is being done. */
export type ConnectionNotice = { title: string; detail: string };

/** The first thing that is wrong, nearest to the operator first; undefined when all is well. */
export function connectionNotice(view: ConnectionView): ConnectionNotice | undefined {
  if (view.signaling === 'closed') {
    return { title: 'LOGGED OUT', detail: 'The server closed this session. Log in again.' };
  }
  if (view.signaling === 'disconnected' || view.signaling === 'reconnecting') {
    return { title: 'SERVER NOT REACHED', detail: 'Reconnecting… The machine stops by itself.' };
  }
  if (view.presence === 'offline') {
    return { title: 'MACHINE OFFLINE', detail: 'Waiting for it to come back…' };
  }
  if (view.ended !== undefined) {
    return { title: 'DISCONNECTED', detail: `${view.ended}. Reconnecting…` };
  }
  return peerNotice(view.peer) ?? suspectNotice(view.presence);
}

function peerNotice(peer: ConnectionView['peer']): ConnectionNotice | undefined {
  switch (peer) {
    case 'connected':
      return undefined;
    case 'new':
    case 'connecting':
      return { title: 'CONNECTING', detail: 'Opening the pictures…' };
    case 'failed':
    case 'disconnected':
    case 'reconnecting':
      return { title: 'CONNECTION LOST', detail: 'Reconnecting… The machine stops by itself.' };
    case 'closed':
      return { title: 'CONNECTION CLOSED', detail: 'Reconnecting…' };
    case 'not_support':
      return { title: 'NOT SUPPORTED', detail: 'This browser cannot open the connection.' };
    case 'limit_exceeded':
      return { title: 'TOO MANY CONNECTIONS', detail: 'The server takes no more viewers now.' };
  }
}

function suspectNotice(presence: ConnectionView['presence']): ConnectionNotice | undefined {
  return presence === 'suspect'
    ? { title: 'MACHINE SILENT', detail: 'No sign of life for 500 ms. Waiting…' }
    : undefined;
}
