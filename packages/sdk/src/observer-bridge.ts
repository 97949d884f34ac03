import type { ClientEvents, MediaObserver } from './api.ts';

type Listen = <Name extends keyof ClientEvents>(
  name: Name,
  listener: (payload: ClientEvents[Name]) => void,
) => void;

/** Hands the client's events to an observer under the reference's names. */
export function bridgeObserver(observer: MediaObserver, listen: Listen): void {
  listen('mqttStateChanged', (event) => observer.onMqttConnectionState?.(event));
  listen('signalingStateChanged', ({ state, data, roomId }) =>
    observer.onSignalingState?.({ state, data }, roomId),
  );
  listen('roomStateChanged', (event) => observer.onRoomState?.(event));
  listen('peerConnectionStateChanged', (event) => observer.onPeerConnectionState?.(event));
  listen('connected', (event) => observer.onConnected?.(event));
  listen('disconnected', (event) => observer.onDisconnected?.(event));
  listen('kickedOut', (event) => observer.onKickedOut?.(event));
  listen('permissionChanged', (event) => observer.onPermissionState?.(event));
  listen('reportReceived', (event) => observer.onReportData?.(event));
  listen('gatewayListChanged', (gateways) => observer.onGatewayListChanged?.(gateways));
  listen('errorOccurred', (error) => observer.onError?.(error));
  listen('event', (event) => observer.onEvent?.(event));
}
