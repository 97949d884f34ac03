import type { MqttConnectionState } from '@longreach/protocol';

/** What moves the state of the MQTT connection; why, and where it comes from, stands beside each. */
export const mqttStateEvents = {
  /** The first connection of a login is being opened. */
  attempted: 'a login opens the first connection',
  /** Another one is being opened after a loss. */
  reattempted: 'another one is opened after a loss',
  /** The broker let us in, and the topics are subscribed. */
  opened: 'the broker lets us in, and the topics are subscribed',
  /** An attempt did not come up. */
  failed: 'an attempt is refused, does not come up, or the library cannot be loaded',
  /** A connection that was up is gone and will be replaced. */
  lost: 'the connection is gone or silent, and will be replaced',
  /** There will be no more: logged out, kicked out, refused, or the first login did not succeed. */
  ended: 'logged out, kicked out, refused for good, or the first login did not succeed',
} as const;
export type MqttStateEvent = keyof typeof mqttStateEvents;

/** Next state by state and event; an event that is not listed changes nothing. */
export const mqttTransitions: Readonly<
  Record<MqttConnectionState, Readonly<Partial<Record<MqttStateEvent, MqttConnectionState>>>>
> = {
  new: { attempted: 'connecting', ended: 'closed' },
  connecting: { opened: 'connected', failed: 'error', ended: 'closed' },
  connected: { lost: 'reconnecting', ended: 'closed' },
  reconnecting: { opened: 'connected', failed: 'error', ended: 'closed' },
  error: { attempted: 'connecting', reattempted: 'reconnecting', ended: 'closed' },
  closed: { attempted: 'connecting' },
};

/** State after an event. Pure. */
export function nextMqttState(
  state: MqttConnectionState,
  event: MqttStateEvent,
): MqttConnectionState {
  return mqttTransitions[state][event] ?? state;
}
